using LipSol.Corpus;
using LipSol.Testing.Cluster.Processes;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Corpora;

public sealed class CorpusJobTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Drawn_clips_are_tracked_where_they_were_drawn()
    {
        var result = await corpus.ResultAsync();
        Assert.Equal((27, 0, 27, false), (result.Clips, result.Refused, result.Prepared, result.Unchanged));
        Assert.InRange(result.Tracked / (double)result.Frames, 0.99, 1);
        Assert.InRange(result.Measurements["lip_corners_within_3_percent"], 0.95, 1);
        Assert.InRange(result.Measurements["lip_corner_error_mean"], 1e-4, 0.03);
        var manifest = await corpus.ManifestAsync();
        Assert.Equal(CorpusKind.Synthetic, manifest.Kind);
        Assert.NotNull(manifest.Crops);
    }

    [Fact]
    public async Task The_same_corpus_again_draws_and_tracks_nothing()
    {
        var before = await corpus.ResultAsync();
        var (exit, said) = await RealWorker.RunAsync(corpus.Job);
        var again = Assert.IsType<CorpusResult>(exit.Result);
        Assert.Equal((before.DataHash, 0, true), (again.DataHash, again.Prepared, again.Unchanged));
        Assert.Equal(before.Measurements, again.Measurements);
        Assert.Contains(said.Data.OfType<Progress>(), p => p is { Stage: "tracking", Done: 27, Total: 27 });
    }

    [Fact]
    public async Task A_stopped_preparation_goes_on_where_it_was_and_the_name_points_nowhere_until_it_is_done()
    {
        foreach (var i in Enumerable.Range(0, 16)) Workers.Clips.Talking(scratch[$"{i}.mp4"], 30 + i);
        await File.WriteAllLinesAsync(scratch["labels.csv"], Enumerable.Range(0, 16).Select(i => $"{i}.mp4,a,train,{(i % 2 == 0 ? "کب" : "جی")}").Prepend("path,speaker,split,text"), TestContext.Current.CancellationToken);
        var job = new CorpusJob { DataFolder = scratch["data"], Name = "mine", Source = "folder", Folder = scratch.Path, Parallelism = 2 };
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(job, said);
        await said.WaitForAsync<Progress>(p => p.Stage == "tracking" && p.Done >= 2);
        var exit = await worker.StopAsync("later", TimeSpan.FromSeconds(30));
        Assert.Equal((WorkerEnd.Stopped, "later"), (exit.End, exit.Reason));
        Assert.Null(new CorpusCatalog(job.DataFolder).Find("mine"));

        var (second, _) = await RealWorker.RunAsync(job);
        var result = Assert.IsType<CorpusResult>(second.Result);
        Assert.Equal(16, result.Clips);
        Assert.InRange(result.Prepared, 1, 14);
        Assert.Equal(result.DataHash, new CorpusCatalog(job.DataFolder).Find("mine")!.Manifest);
    }

    [Fact]
    public async Task Clips_that_can_not_be_used_are_counted_with_their_reasons_and_the_others_used()
    {
        Workers.Clips.Talking(scratch["اچھا کلپ.mp4"], 12);
        scratch.Write("text.mp4", "no video"u8);
        Workers.Clips.WithoutFace(scratch["wall.mp4"]);
        await File.WriteAllTextAsync(scratch["labels.csv"], "path,speaker,split,text\nاچھا کلپ.mp4,a,train,کب\ntext.mp4,a,train,جی\nwall.mp4,b,test,جی\n", TestContext.Current.CancellationToken);
        var (exit, _) = await RealWorker.RunAsync(new CorpusJob { DataFolder = scratch["data"], Name = "mine", Source = "folder", Folder = scratch.Path });
        var result = Assert.IsType<CorpusResult>(exit.Result);
        Assert.Equal((3, 2), (result.Clips, result.Refused));
        Assert.Equal(["text", "wall"], result.RefusedClips.Select(c => c.Id));
        Assert.All(result.RefusedClips, c => Assert.DoesNotContain(scratch.Path, c.Reason));
    }

    [Fact]
    public async Task Problems_of_a_folder_are_told_all_at_once_and_a_missing_folder_by_its_name()
    {
        await File.WriteAllTextAsync(scratch["labels.csv"], "path,speaker,split,text\ngone.mp4,a,train,کب\nalso-gone.mp4,a,training,جی\n", TestContext.Current.CancellationToken);
        var job = new CorpusJob { DataFolder = scratch["data"], Name = "mine", Source = "folder", Folder = scratch.Path };
        var (exit, _) = await RealWorker.RunAsync(job);
        Assert.Equal((WorkerEnd.Failed, true), (exit.End, exit.BadInput));
        foreach (var words in (string[])["gone.mp4", "also-gone.mp4", "training"]) Assert.Contains(words, exit.Reason);

        (exit, _) = await RealWorker.RunAsync(job with { Folder = scratch["nowhere"] });
        Assert.Equal((WorkerEnd.Failed, true), (exit.End, exit.BadInput));
        Assert.Contains(scratch["nowhere"], exit.Reason);
        Assert.False(Directory.Exists(scratch["nowhere"]));
    }

    [Fact]
    public async Task A_full_disk_fails_the_preparation_and_the_name_keeps_pointing_where_it_did()
    {
        Workers.Clips.Talking(scratch["small.mp4"], 10);
        foreach (var i in Enumerable.Range(0, 8)) Workers.Clips.Talking(scratch[$"{i}.mp4"], 60 + i);
        await File.WriteAllTextAsync(scratch["labels.csv"], "path,speaker,split,text\nsmall.mp4,a,train,کب\n", TestContext.Current.CancellationToken);
        using var disk = SmallDisk.Mount(1024);
        var job = new CorpusJob { DataFolder = Path.Combine(disk.Path, "data"), Name = "mine", Source = "folder", Folder = scratch.Path };
        var before = Assert.IsType<CorpusResult>((await RealWorker.RunAsync(job)).Exit.Result);

        await File.WriteAllLinesAsync(scratch["labels.csv"], Enumerable.Range(0, 8).Select(i => $"{i}.mp4,a,train,کب").Prepend("path,speaker,split,text"), TestContext.Current.CancellationToken);
        var (exit, _) = await RealWorker.RunAsync(job);
        Assert.Equal((WorkerEnd.Failed, false), (exit.End, exit.BadInput));
        Assert.Contains("disk is full", exit.Reason);
        Assert.Contains(disk.Path, exit.Reason);
        Assert.Equal(before.DataHash, new CorpusCatalog(job.DataFolder).Find("mine")!.Manifest);
    }
}
