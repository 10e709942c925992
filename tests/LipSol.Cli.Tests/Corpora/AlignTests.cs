using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Corpora;

/// <summary><c>corpus align</c>, of recordings that come without word times.</summary>
public sealed class AlignTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Recordings_without_word_times_get_them_and_keep_them_once_they_are_saved()
    {
        var made = await workshop.ReadyAsync();
        Directory.CreateDirectory(scratch["corpus"]);
        string[] texts = ["کب جی آپ", "جی آپ", "آپ کب", "جی کب"];
        var labels = new List<string> { "path,speaker,split,text" };
        for (var i = 0; i < texts.Length; i++)
        {
            Worker.Tests.Workers.Clips.Talking(scratch[$"corpus/{i}.mp4"], 24 + i);
            labels.Add($"{i}.mp4,s,{(i < 2 ? "train" : i == 2 ? "val" : "test")},{texts[i]}");
        }
        await File.WriteAllLinesAsync(scratch["corpus/labels.csv"], labels, TestContext.Current.CancellationToken);
        var imported = (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "import", "folder", scratch["corpus"], "--name", "untimed", "--json")).With(0).Document.GetProperty("dataHash").GetString();
        string[] letters = [.. Workshop.TinyNetwork, .. new[] { "epochs=1", "word_epochs=0", "phrase_epochs=0" }.SelectMany(s => new[] { "--set", s })];
        var run = (await LipSolProgram.RunAsync(made.DataFolder, ["train", "--corpus", "untimed", "--model", "char-tcn", .. letters, "--json"])).With(0).Document.GetProperty("id").GetString()!;
        // Refused by the gate, it's version 1 all the same.
        (await LipSolProgram.RunAsync(made.DataFolder, "models", "promote", "aligner", "--run", run, "--threshold", "2")).With(1);

        string[] align = ["corpus", "align", "untimed", "--model", "aligner@1"];
        var shown = (await LipSolProgram.RunAsync(made.DataFolder, align)).With(0);
        Assert.Contains("word times were found for 4 clips that came without", shown.Output);
        Assert.Contains("Add --save to keep the times", shown.Errors);

        var saved = (await LipSolProgram.RunAsync(made.DataFolder, [.. align, "--save", "--json"])).With(0).Document;
        Assert.Equal(imported, saved.GetProperty("dataHash").GetString());
        Assert.Empty(saved.GetProperty("refused").EnumerateArray());
        foreach (var clip in saved.GetProperty("aligned").EnumerateArray())
        {
            var words = clip.GetProperty("words").EnumerateArray().ToArray();
            Assert.Equal(texts[int.Parse(clip.GetProperty("id").GetString()!)].Split(' '), words.Select(w => w.GetProperty("word").GetString()));
            var end = 0.0;
            foreach (var word in words)
            {
                Assert.InRange(word.GetProperty("start").GetDouble(), end - 1e-9, word.GetProperty("end").GetDouble());
                end = word.GetProperty("end").GetDouble();
            }
            Assert.InRange(end, 0.01, 28 / 25.0);
        }

        var hash = saved.GetProperty("savedAs").GetString();
        Assert.NotEqual(imported, hash);
        Assert.Equal(hash, (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "show", "untimed", "--json")).With(0).Document.GetProperty("dataHash").GetString());
        var again = (await LipSolProgram.RunAsync(made.DataFolder, align)).With(0).Output;
        Assert.Contains($"data {hash}", again);
    }
}
