using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Models;

/// <summary><c>evaluate --strips</c>.</summary>
public sealed class StripsTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task The_mouths_of_the_clips_that_were_read_wrongly_are_written_as_pictures()
    {
        var made = await workshop.ReadyAsync();
        // The corpus' own test clips, labelled with each other's words: of each, one label or the other is read wrongly.
        var rows = (await File.ReadAllLinesAsync(Path.Combine(made.DataFolder, "synthetic", "tiny", "labels.csv"), TestContext.Current.CancellationToken)).Select(l => l.Split(',')).Skip(1).ToArray();
        var labels = new List<string> { "path,speaker,split,text,start,end" };
        foreach (var row in rows.Where(r => r.Length == 6))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(scratch["corpus/" + row[0]])!);
            File.Copy(Path.Combine(made.DataFolder, "synthetic", "tiny", row[0]), scratch["corpus/" + row[0]]);
            if (row[2] == "test") row[3] = row[3] == "آپ" ? "جی" : "آپ";
            labels.Add(string.Join(',', row));
        }
        await File.WriteAllLinesAsync(scratch["corpus/labels.csv"], labels, TestContext.Current.CancellationToken);
        (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "import", "folder", scratch["corpus"], "--name", "swapped", "--set", "language=ur")).With(0);

        var strips = new List<string>();
        foreach (var corpus in (string[])["tiny", "swapped"])
        {
            var folder = scratch["worst " + corpus];
            var answer = (await LipSolProgram.RunAsync(made.DataFolder, "evaluate", "--model", "tiny-words", "--corpus", corpus, "--strips", folder, "--json")).With(0);
            var worst = answer.Document.GetProperty("worst").EnumerateArray().ToArray();
            var written = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(worst.Length, written.Length);
            Assert.Contains(worst.Length == 0 ? "there are no strips to write" : $"{worst.Length} mouth strips of the worst clips are in {folder}", answer.Errors);
            foreach (var (clip, strip) in worst.Zip(written))
            {
                Assert.NotEqual(clip.GetProperty("expected").GetString(), clip.GetProperty("text").GetString());
                Assert.True((await File.ReadAllBytesAsync(strip, TestContext.Current.CancellationToken)).AsSpan(1).StartsWith("PNG"u8), strip);
            }
            strips.AddRange(written);
        }
        Assert.Equal(rows.Count(r => r[2] == "test"), strips.Count);
        Assert.StartsWith("01-", Path.GetFileName(strips[0]));
    }
}
