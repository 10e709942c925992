using System.Text.Json;
using LipSol.Cli.Tests.Programs;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Cli.Tests.Clips;

public sealed class CropTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task The_document_tells_each_clip_with_what_became_of_it()
    {
        var good = Worker.Tests.Workers.Clips.Talking(scratch["میرا کلپ ۱.mp4"], 25);
        var bad = scratch.Write("not a video.mp4", "hello"u8);
        var answer = (await LipSolProgram.RunAsync(scratch["data"], "crop", good, bad, "--out", scratch["out"], "--json")).With(0);
        var clips = answer.Document.GetProperty("clips").EnumerateArray().ToArray();
        Assert.Equal(2, clips.Length);
        Assert.All(clips, clip => Assert.All((string[])["path", "frames", "tracked", "fps", "refused", "out"], name => Assert.True(clip.TryGetProperty(name, out _), name)));
        Assert.Equal((good, 25, 25, 25.0), (clips[0].GetProperty("path").GetString(), clips[0].GetProperty("frames").GetInt32(), clips[0].GetProperty("tracked").GetInt32(), clips[0].GetProperty("fps").GetDouble()));
        Assert.Equal(JsonValueKind.Null, clips[0].GetProperty("refused").ValueKind);
        Assert.True(File.Exists(clips[0].GetProperty("out").GetString()));
        Assert.Equal((bad, 0), (clips[1].GetProperty("path").GetString(), clips[1].GetProperty("frames").GetInt32()));
        Assert.Contains("not a video", clips[1].GetProperty("refused").GetString());
        Assert.Equal(JsonValueKind.Null, clips[1].GetProperty("out").ValueKind);
        Assert.Contains("1 of 2 clips cropped", answer.Errors);
    }

    [Fact]
    public async Task Of_two_faces_the_report_of_a_clip_says_whose_mouth_was_cropped_and_so_does_an_import()
    {
        const string Said = "2 faces were seen; the largest that stays was followed";
        Directory.CreateDirectory(scratch["corpus"]);
        var (one, two) = (Worker.Tests.Workers.Clips.Talking(scratch["corpus/one.mp4"], 20), Cluster.Tests.Uploads.Videos.OfTwo(scratch["corpus/two.avi"], 20));
        var answer = (await LipSolProgram.RunAsync(scratch["data"], "crop", one, two, "--out", scratch["out"], "--json")).With(0);
        var clips = answer.Document.GetProperty("clips").EnumerateArray().ToArray();
        Assert.Empty(clips[0].GetProperty("notes").EnumerateArray());
        Assert.StartsWith(Said, Assert.Single(clips[1].GetProperty("notes").EnumerateArray()).GetString());
        Assert.Contains("note: " + Said, answer.Errors);

        await File.WriteAllTextAsync(scratch["corpus/labels.csv"], "path,speaker,split,text\none.mp4,s1,train,کب\ntwo.avi,s2,test,جی\n", TestContext.Current.CancellationToken);
        Assert.Contains("note: two.avi: " + Said, (await LipSolProgram.RunAsync(scratch["data"], "corpus", "import", "folder", scratch["corpus"], "--name", "pair")).With(0).Errors);
    }

    [Fact]
    public async Task A_folder_stands_for_its_videos_and_people_read_the_report_on_stdout()
    {
        Directory.CreateDirectory(scratch["clips"]);
        Worker.Tests.Workers.Clips.Talking(scratch["clips/b.mp4"], 10);
        Worker.Tests.Workers.Clips.Talking(scratch["clips/a.avi"], 12);
        await File.WriteAllTextAsync(scratch["clips/notes.txt"], "x", TestContext.Current.CancellationToken);
        var answer = (await LipSolProgram.RunAsync(scratch["data"], "crop", scratch["clips"], "--out", scratch["out"], "--no-preview")).With(0);
        Assert.Contains("2 of 2 clips cropped", answer.Output);
        Assert.Equal(["a.npz", "b.npz"], Directory.GetFiles(scratch["out"]).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_that_can_be_used_is_bad_input_and_a_place_that_can_not_be_written_a_failure()
    {
        Assert.Contains("does not exist", (await LipSolProgram.RunAsync(scratch["data"], "crop", scratch["nowhere.mp4"], "--out", scratch["out"])).With(2).Output);
        Assert.Contains("--jobs", (await LipSolProgram.RunAsync(scratch["data"], "crop", scratch["nowhere.mp4"], "--out", scratch["out"], "--jobs", "0")).With(2).Errors);
        var taken = scratch.Write("taken", "a file"u8);
        Assert.Contains(taken, (await LipSolProgram.RunAsync(scratch["data"], "crop", Worker.Tests.Workers.Clips.Talking(scratch["clip.mp4"], 10), "--out", taken)).With(1).Errors);
    }

    [Fact]
    public async Task A_full_disk_is_said_with_status_1()
    {
        using var disk = SmallDisk.Mount(100);
        var answer = (await LipSolProgram.RunAsync(scratch["data"], "crop", Worker.Tests.Workers.Clips.Talking(scratch["clip.mp4"], 40), "--out", disk.Path, "--json")).With(1);
        Assert.Contains("disk is full", answer.Document.GetProperty("error").GetString());
        Assert.Empty(Directory.GetFiles(disk.Path));
    }

    [Fact]
    public async Task Ctrl_C_stops_between_frames_leaves_whole_files_and_no_process()
    {
        var clip = Worker.Tests.Workers.Clips.Talking(scratch["clip.mp4"], 100);
        await using var crop = LipSolProgram.Start(scratch["data"], ["crop", .. Enumerable.Repeat(clip, 300), "--out", scratch["out"], "--json"]);
        await crop.WaitForErrorsAsync(text => text.Contains("tracking", StringComparison.Ordinal));
        crop.CtrlC();
        var answer = (await crop.Ended).With(1);
        Assert.Equal("Stopped.", answer.Document.GetProperty("error").GetString());
        Assert.True(await crop.NothingIsLeftAsync(TimeSpan.FromSeconds(60)), "a worker outlived the command");
        Assert.InRange(Directory.GetFiles(scratch["out"], "*.npz").Length, 1, 299);
        Assert.Empty(Directory.GetFiles(scratch["out"], "*.part"));
    }
}
