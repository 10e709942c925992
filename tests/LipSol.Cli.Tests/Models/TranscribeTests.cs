using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Models;

/// <summary><c>transcribe</c> with several clips, for later, and with pictures.</summary>
public sealed class TranscribeTests(Workshop workshop)
{
    [Fact]
    public async Task Of_several_clips_each_is_told_and_one_that_cannot_be_read_fails_alone()
    {
        var made = await workshop.ReadyAsync();
        var broken = made.Scratch("broken.mp4");
        await File.WriteAllTextAsync(broken, "no video", TestContext.Current.CancellationToken);
        var answer = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, broken, made.Clip)).With(1);
        Assert.Equal(2, answer.Output.Split('\n').Count(line => line.StartsWith(made.Clip + ": ", StringComparison.Ordinal)));
        Assert.Contains(broken + ": The clip is not a video", answer.Errors);
        var document = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, broken, "--json")).With(1).Document;
        var clips = document.GetProperty("clips").EnumerateArray().ToArray();
        Assert.Equal([("done", made.Clip), ("failed", broken)], clips.Select(c => (c.GetProperty("state").GetString()!, c.GetProperty("clip").GetString()!)));
        Assert.Equal("undecodable", clips[1].GetProperty("problem").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Of_several_clips_subtitles_go_into_a_file_each()
    {
        var made = await workshop.ReadyAsync();
        Assert.Contains("--out", (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, made.Clip, "--format", "srt")).With(2).Errors);
        var folder = made.Scratch("subtitles");
        var answer = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, made.Clip, "--format", "srt", "--out", folder)).With(0);
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(["میرا کلپ-2.srt", "میرا کلپ.srt"], files.Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(files, f => Assert.Contains("-->", File.ReadAllText(f)));
        Assert.Equal(2, answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_clip_for_later_gives_the_same_answer()
    {
        var made = await workshop.ReadyAsync();
        var now = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip)).With(0);
        var later = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--async", "--keep-clip")).With(0);
        Assert.Equal(now.Output, later.Output);
        Assert.Contains("kept as artifact", later.Errors);
        var none = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--async", "--model", "none")).With(2);
        Assert.Contains("no model none", none.Errors);
    }

    [Fact]
    public async Task What_crop_made_of_a_clip_is_read_as_the_clip_is()
    {
        var made = await workshop.ReadyAsync();
        var crops = made.Scratch("crops");
        (await LipSolProgram.RunAsync(made.DataFolder, "crop", made.Clip, "--out", crops)).With(0);
        var video = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--json")).With(0).Document;
        var mouth = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", Assert.Single(Directory.GetFiles(crops, "*.npz")), "--json")).With(0).Document;
        foreach (var told in new[] { "text", "confidence", "words", "alternatives" }) Assert.Equal(video.GetProperty(told).GetRawText(), mouth.GetProperty(told).GetRawText());
        Assert.Equal(video.GetProperty("provenance").GetProperty("framesTracked").GetDouble(), mouth.GetProperty("provenance").GetProperty("framesTracked").GetDouble());
    }

    [Fact]
    public async Task A_folder_without_pictures_is_refused()
    {
        var made = await workshop.ReadyAsync();
        var folder = Directory.CreateDirectory(made.Scratch("no pictures")).FullName;
        Assert.Contains("0001.png", (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", folder)).With(2).Errors);
        Assert.Contains("is a folder", (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", folder, made.Clip)).With(2).Errors);
    }
}
