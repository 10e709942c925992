using LipSol.Artifacts.Remotes;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Runs;
using LipSol.Silo.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Worker.Tests.Networks;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Artifacts;

/// <summary>A node that reads through to a remote.</summary>
public sealed class RemoteTests(NodeFixture fixture) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lipsol-remote-");

    private string Remote => Path.Combine(folder.FullName, "remote");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_model_that_it_never_trained_is_taken_in_served_and_measured_with_what_the_remote_has()
    {
        var stored = await fixture.Client.Models.StoreAsync(NodeFixture.Model, 1, Cancelled);
        Assert.Equal(stored, await fixture.Client.Models.StoreAsync(NodeFixture.Model, 1, Cancelled)); // the same version is the same object
        // What was told is kept, whatever would be made of the version some day.
        Assert.Contains(stored.Hash, (await fixture.Client.Models.GetAsync(NodeFixture.Model, Cancelled)).Versions.Single(v => v.Version == 1).Objects);
        await fixture.Node.Services.GetRequiredService<IGrainFactory>().GetGrain<Contracts.Models.IModelGrain>(NodeFixture.Model).KeepObjectAsync(1, new string('c', 32) + ".dir");
        Assert.Equal(stored, await fixture.Client.Models.StoreAsync(NodeFixture.Model, 1, Cancelled));
        // As `data push --model` does: the model folder by its own hash too.
        var version = await fixture.Client.Models.GetVersionAsync(NodeFixture.Model, 1, Cancelled);
        await PushAsync([stored.Hash, version.Artifact!, version.Evaluation!, .. await CorpusAsync()]);

        await using var other = await TestNode.StartAsync(options => options with { Remote = Remote });
        var imported = await other.Client.Models.TakeInAsync(stored.Hash, cancellationToken: Cancelled);
        Assert.Equal((NodeFixture.Model, fixture.RunId, fixture.DataHash, false), (imported.Version.Model, imported.Version.RunId, imported.Version.DataHash, imported.WasThere));
        Assert.Equal(version.Artifact, imported.Version.Artifact);
        Assert.True((await other.Client.Models.TakeInAsync(stored.Hash, cancellationToken: Cancelled)).WasThere);

        // The corpus' name is here, and nothing else of it; the model's files are gone again.
        other.AddCorpus();
        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        var decision = await other.Client.Models.PromoteAsync(NodeFixture.Model, new Promote { Version = 1 }, Cancelled);
        Assert.True(decision.Promoted, decision.Reason);
        var (there, here) = (await other.Client.Models.EvaluateAsync(NodeFixture.Model, TestNode.Corpus, cancellationToken: Cancelled), await fixture.Client.Models.EvaluateAsync(NodeFixture.Model, TestNode.Corpus, cancellationToken: Cancelled));
        Assert.Equal(here.Figures, there.Figures);
    }

    [Fact]
    public async Task What_a_run_is_made_of_is_there_before_its_worker_starts_and_is_told_with_the_run()
    {
        await PushAsync(await CorpusAsync());
        await using var other = await TestNode.StartAsync(options => options with { Remote = Remote });
        other.AddCorpus();
        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        var run = await other.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "first" }, Cancelled);
        var worker = await other.Workers.NextAsync();
        var said = new List<string>();
        var inputs = other.Services.GetRequiredService<RunInputs>();

        await inputs.FetchAsync(worker.Start, said.Add, null, Cancelled);

        var manifest = fixture.Node.Services.GetRequiredService<CorpusCatalog>().GetVersion(fixture.DataHash);
        Assert.All(manifest.Clips.Where(c => c.MouthClip is not null), c => Assert.True(other.Artifacts.Exists(c.MouthClip!)));
        Assert.Contains("came from " + Remote, Assert.Single(said));
        await inputs.FetchAsync(worker.Start, said.Add, null, Cancelled);
        Assert.Single(said);
        RunInput[] told = [new("corpus.json", fixture.DataHash), new("mouth-clips", CorpusObjects.MouthClips(manifest).Hash)];
        Assert.Equal(told, (await other.Client.Runs.GetAsync(run.Id, Cancelled)).Inputs);
        Assert.Equal(told, (await fixture.Client.Runs.GetAsync(fixture.RunId, Cancelled)).Inputs);

        // What isn't on the remote is named, before a worker is started for nothing.
        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        Directory.Delete(Path.Combine(Remote, "files"), recursive: true);
        Assert.Contains(fixture.DataHash, (await Assert.ThrowsAnyAsync<Exception>(() => inputs.FetchAsync(worker.Start, said.Add, null, Cancelled))).Message);
        await worker.EndAsync(Contracts.Runs.RunStatus.Stopped);
    }

    [Fact]
    public async Task Weights_to_start_from_come_from_the_remote_too()
    {
        var weights = fixture.Node.Artifacts.PutBytes("weights of somewhere"u8);
        await PushAsync([weights]);
        await using var other = await TestNode.StartAsync(options => options with { Remote = Remote });
        other.AddCorpus();
        Assert.Equal(Remote, (await other.Client.GetNodeAsync(Cancelled)).Remote);
        var start = new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "pretrained", InitFrom = new InitialWeights { Kind = WeightsKind.File, Id = "weights.safetensors", Weights = weights } };
        Assert.Equal(weights, (await other.Client.Runs.StartAsync(start, Cancelled)).InitFrom!.Weights);
        Assert.True(other.Artifacts.Exists(weights));
        var nowhere = await Assert.ThrowsAsync<LipSolNotFoundException>(() => other.Client.Runs.StartAsync(start with { InitFrom = start.InitFrom! with { Weights = new string('b', 32) } }, Cancelled));
        Assert.Contains("nor on its remote", nowhere.Message);
        await (await other.Workers.NextAsync()).EndAsync(Contracts.Runs.RunStatus.Stopped);
    }

    [Fact]
    public async Task A_run_on_data_of_a_person_who_left_is_refused_and_their_clips_are_not_fetched_again()
    {
        await PushAsync(await CorpusAsync());
        await using var other = await TestNode.StartAsync(options => options with { Remote = Remote });
        other.AddCorpus();
        var run = await other.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "withdrawn" }, Cancelled);
        var worker = await other.Workers.NextAsync();
        var catalog = other.Services.GetRequiredService<CorpusCatalog>();
        var left = catalog.GetVersion(run.DataHash).Clips.First(c => c.MouthClip is not null);
        SpeakerWithdrawal.Find(catalog, left.Speaker, [], []).Apply(DateTimeOffset.UnixEpoch);
        var refused = await Assert.ThrowsAsync<Contracts.Runs.RefusedException>(() => other.Services.GetRequiredService<RunInputs>().FetchAsync(worker.Start, _ => { }, null, Cancelled));
        Assert.Contains("has withdrawn", refused.Message);
        Assert.Contains("withdrew", Assert.Throws<LipSol.Artifacts.ArtifactNotFoundException>(() => other.Artifacts.ReadBytes(left.MouthClip!)).Message);
        Assert.False(other.Artifacts.Exists(left.MouthClip!));
        await worker.EndAsync(Contracts.Runs.RunStatus.Stopped);
    }

    [Fact]
    public async Task A_persons_network_is_tried_on_clips_that_lie_on_the_remote_and_its_source_comes_from_there()
    {
        await using var other = await TestNode.StartAsync(options => options with { Remote = Remote });
        var data = NetworkEndpointTests.AddCorpus(other);
        var catalog = other.Services.GetRequiredService<CorpusCatalog>();
        var manifest = catalog.GetVersion(data);
        var source = other.Artifacts.PutBytes(System.Text.Encoding.UTF8.GetBytes(Sources.Sound));
        using (var remote = ArtifactRemote.Open(folder.FullName, Remote)) await remote.PushAsync(other.Artifacts, [data, catalog.StoreMouthClips(manifest), source], cancellationToken: Cancelled);
        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        var add = new AddNetwork { Name = "gate-net", Corpus = "few", Source = Sources.Sound, Parameters = new Dictionary<string, string> { ["resize"] = "32", ["size"] = "28" } };
        Assert.Empty((await other.Client.Networks.AddAsync(add, Cancelled)).Faults);
        // Of the clips those alone that it was tried on.
        Assert.InRange(manifest.Clips.Count(c => c.MouthClip is { } clip && other.Artifacts.Exists(clip)), 1, manifest.Clips.Count / 2);

        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        await other.Client.Runs.StartAsync(new StartRun { Network = "gate-net", Corpus = "few", Experiment = "own" }, Cancelled);
        var worker = await other.Workers.NextAsync();
        await other.Services.GetRequiredService<RunInputs>().FetchAsync(worker.Start, _ => { }, null, Cancelled);
        Assert.True(other.Artifacts.Exists(source));
        await worker.EndAsync(Contracts.Runs.RunStatus.Stopped);

        // Where the remote hasn't got them either, that is what is said.
        Directory.Delete(Path.Combine(other.DataFolder, "artifacts", "files"), recursive: true);
        Directory.Delete(Path.Combine(Remote, "files"), recursive: true);
        Assert.Contains(data, (await Assert.ThrowsAsync<LipSolRefusedException>(() => other.Client.Networks.AddAsync(add, Cancelled))).Message);
    }

    [Fact]
    public async Task A_mark_stays_with_its_version()
    {
        await using var node = await TestNode.StartAsync(options => options with { Remote = Remote });
        var stored = await fixture.Client.Models.StoreAsync(NodeFixture.Model, 1, Cancelled);
        await PushAsync([stored.Hash]);
        await node.Client.Models.TakeInAsync(stored.Hash, "marked", Cancelled);
        await node.Client.Models.MarkAsync("marked", 1, "a speaker has left", Cancelled);
        await node.Client.Models.MarkAsync("marked", 1, "a speaker has left", Cancelled);
        Assert.Equal(["a speaker has left"], (await node.Client.Models.GetAsync("marked", Cancelled)).Marks[1]);
        // Whoever reads with it is told, too.
        var clip = MouthClipFile.ToBytes(BrightnessModel.Clip(250));
        var read = await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "x.npz", new TranscriptionOptions { Model = "marked", Version = 1 }, Cancelled);
        Assert.Equal("marked version 1: a speaker has left", Assert.Single(read.Notes));
        Assert.Empty((await fixture.Client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "x.npz", cancellationToken: Cancelled)).Notes);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Models.MarkAsync("marked", 2, "x", Cancelled));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Models.TakeInAsync(new string('a', 32) + ".dir", cancellationToken: Cancelled));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Task<string[]> CorpusAsync() => Task.Run(() =>
    {
        var catalog = fixture.Node.Services.GetRequiredService<CorpusCatalog>();
        return new[] { fixture.DataHash, catalog.StoreMouthClips(catalog.GetVersion(fixture.DataHash)) };
    });

    private async Task PushAsync(string[] hashes)
    {
        using var remote = ArtifactRemote.Open(folder.FullName, Remote);
        await remote.PushAsync(fixture.Node.Artifacts, hashes, cancellationToken: Cancelled);
    }
}
