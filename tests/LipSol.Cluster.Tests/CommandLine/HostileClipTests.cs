using System.Text;
using System.Text.Json;
using LipSol.Cluster.Tests.Uploads;
using LipSol.WorkerProtocol;

namespace LipSol.Cluster.Tests.CommandLine;

/// <summary>Clips that can't be used, given to <c>crop</c> and to <c>corpus import</c>: each is refused with its reason beside the others, which are used.</summary>
[Trait("Category", "Long")]
public sealed class HostileClipTests : IDisposable
{
    // What the command says of each; null where it's used.
    private static readonly (string Name, string? Words)[] Clips =
    [
        ("اچھی ویڈیو.mp4", null), ("text.mp4", "not a video"), ("empty.mp4", "is empty"), ("half.mp4", "cut off"), ("half.avi", null), ("wall.mp4", "No face"),
        ("leaves.mp4", "25 of 75"), ("one.mp4", "1 frame "), ("hour.avi", "3600 s long"), ("4k.avi", null), ("claims.avi", "16000×16000"),
    ];

    private readonly TemporaryFolder scratch = new();

    public HostileClipTests()
    {
        Videos.Talking(scratch["اچھی ویڈیو.mp4"]);
        Videos.Write(scratch["text.mp4"], "This is no video."u8);
        Videos.Write(scratch["empty.mp4"], []);
        Videos.Truncated(scratch["half.mp4"], Videos.Talking(scratch["whole.mp4"], 40), 0.5);
        Videos.Truncated(scratch["half.avi"], Videos.Talking(scratch["whole.avi"], 40), 0.5);
        Videos.WithoutFace(scratch["wall.mp4"]);
        Videos.Leaving(scratch["leaves.mp4"], 75, 50);
        Videos.Talking(scratch["one.mp4"], 1);
        Videos.Talking(scratch["hour.avi"], 36, framesPerSecond: 0.01);
        Videos.Talking(scratch["4k.avi"], 8, width: 3840, height: 2160);
        Videos.Claiming(scratch["claims.avi"], 16_000, 16_000);
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Crop_says_of_every_clip_what_became_of_it()
    {
        var (status, answer, said) = await RunAsync(["crop", .. Clips.Select(c => scratch[c.Name]), "--out", scratch["mouths"]]);
        Assert.True(status == 0, said);
        var clips = answer.GetProperty("clips").EnumerateArray().ToArray();
        Assert.Equal(Clips.Select(c => scratch[c.Name]), clips.Select(c => c.GetProperty("path").GetString()));
        foreach (var ((name, words), clip) in Clips.Zip(clips))
        {
            var refused = clip.TryGetProperty("refused", out var reason) ? reason.GetString() : null;
            if (words is null) Assert.Equal((name, null, true), (name, refused, File.Exists(clip.GetProperty("out").GetString())));
            else Assert.Contains(words, refused);
        }
    }

    [Fact]
    public async Task A_corpus_is_imported_without_the_clips_that_cannot_be_used_and_names_them()
    {
        // A file without a byte is known from the list already, as one that is missing.
        await LabelAsync(Clips.Select(c => c.Name));
        var (status, refusal, said) = await ImportAsync();
        Assert.True(status == 2, said);
        Assert.Contains("labels.csv:4: empty.mp4 is empty", refusal.GetProperty("error").GetString());

        var listed = Clips.Where(c => c.Name != "empty.mp4").ToArray();
        await LabelAsync(listed.Select(c => c.Name));
        (status, _, said) = await ImportAsync();
        Assert.True(status == 0, said);

        var (shown, answer, _) = await RunAsync("corpus", "show", "hostile", "--data", scratch["data"]);
        Assert.Equal(0, shown);
        var refused = answer.GetProperty("refused").EnumerateArray().ToDictionary(r => r.GetProperty("path").GetString()!, r => r.GetProperty("reason").GetString()!);
        Assert.Equal(listed.Where(c => c.Words is not null).Select(c => c.Name).Order(StringComparer.Ordinal), refused.Keys.Order(StringComparer.Ordinal));
        Assert.All(listed.Where(c => c.Words is not null), c => Assert.Contains(c.Words!, refused[c.Name]));
    }

    private Task LabelAsync(IEnumerable<string> names)
    {
        var labels = new StringBuilder("path,speaker,split,text\n");
        foreach (var (name, i) in names.Select((name, i) => (name, i))) labels.Append(System.Globalization.CultureInfo.InvariantCulture, $"{name},a,{(i % 3 == 0 ? "train" : "test")},{(i % 2 == 0 ? "جی" : "نہیں")}\n");
        return File.WriteAllTextAsync(scratch["labels.csv"], labels.ToString());
    }

    private Task<(int Status, JsonElement Answer, string Said)> ImportAsync() => RunAsync("corpus", "import", "folder", scratch.Path, "--name", "hostile", "--data", scratch["data"]);

    private static async Task<(int Status, JsonElement Answer, string Said)> RunAsync(params string[] arguments)
    {
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Cli", "LIPSOL_CLI", "cli"), [.. arguments, "--json"]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = System.Diagnostics.Process.Start(start)!;
        var (answer, said) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(deadline.Token);
        using var document = JsonDocument.Parse(await answer);
        return (process.ExitCode, document.RootElement.Clone(), await said);
    }
}
