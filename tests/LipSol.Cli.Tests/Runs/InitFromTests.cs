using LipSol.Cli.Tests.Programs;
using LipSol.Client;

namespace LipSol.Cli.Tests.Runs;

/// <summary>`--init-from` on a real node.</summary>
public sealed class InitFromTests(Workshop workshop) : IDisposable
{
    private static readonly string[] Train = ["train", "--corpus", "tiny", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1"];
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_run_starts_from_a_run_a_version_or_a_file_and_shows_what_it_started_from()
    {
        var made = await workshop.ReadyAsync();
        var fromRun = (await LipSolProgram.RunAsync(made.DataFolder, [.. Train, "--init-from", made.Run, "--freeze", "visual", "--freeze-epochs", "1", "--json"])).With(0).Document;
        Assert.Equal(("run", made.Run), (Kind(fromRun), fromRun.GetProperty("initFrom").GetProperty("id").GetString()));
        Assert.Equal(("visual", "1"), (fromRun.GetProperty("parameters").GetProperty("freeze").GetString(), fromRun.GetProperty("parameters").GetProperty("freeze_epochs").GetString()));
        var id = fromRun.GetProperty("id").GetString()!;
        var shown = (await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", id)).With(0).Output;
        Assert.Contains($"starts from the run {made.Run}", shown);
        Assert.Contains($"made by run {made.Run} on tiny", shown);
        Assert.Contains($"starts from the run {made.Run} (safetensors", (await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", id, "--log")).With(0).Output);
        var compared = (await LipSolProgram.RunAsync(made.DataFolder, "runs", "compare", made.Run, id)).With(0).Output;
        Assert.Contains("random weights", compared);

        // A version is followed to the run behind it, and that one's own start is known.
        var fromVersion = (await LipSolProgram.RunAsync(made.DataFolder, [.. Train, "--init-from", "tiny-words", "--json"])).With(0).Document;
        Assert.Equal(("version", "tiny-words@1"), (Kind(fromVersion), fromVersion.GetProperty("initFrom").GetProperty("id").GetString()));

        // The same weights as a file, under other names.
        using (var client = await LipSolClient.ConnectAsync(made.DataFolder, TestContext.Current.CancellationToken))
        {
            var run = await client.Runs.GetAsync(made.Run, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(scratch["لب.safetensors"], await client.Artifacts.GetAsync(run.Artifacts["model"], "weights.safetensors", TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }
        await File.WriteAllTextAsync(scratch["map.yaml"], "names:\n  - from: temporal.**\n", TestContext.Current.CancellationToken);
        var fromFile = await LipSolProgram.RunAsync(made.DataFolder, [.. Train, "--init-from", scratch["لب.safetensors"], "--map", scratch["map.yaml"]]);
        Assert.Contains("starts from the file لب.safetensors", fromFile.With(0).Output);
        Assert.Contains("What لب.safetensors was trained on isn't known", fromFile.Output);
    }

    [Fact]
    public async Task A_curve_from_weights_is_another_study_than_one_from_scratch()
    {
        var made = await workshop.ReadyAsync();
        string[] curve = ["learning-curve", "--corpus", "tiny", "--model", "word-tcn", "--clips", "2,all", "--seeds", "1", .. Workshop.TinyNetwork, "--set", "epochs=1", "--experiment", "pretrained"];
        var scratchRuns = Runs((await LipSolProgram.RunAsync(made.DataFolder, [.. curve, "--json"])).With(0));
        var answer = (await LipSolProgram.RunAsync(made.DataFolder, [.. curve, "--init-from", "tiny-words@1", "--json"])).With(0);
        Assert.Contains("each from the version tiny-words@1", answer.Errors);
        Assert.Empty(scratchRuns.Intersect(Runs(answer)));
        var again = (await LipSolProgram.RunAsync(made.DataFolder, [.. curve, "--init-from", "tiny-words", "--json"])).With(0);
        Assert.Equal(Runs(answer), Runs(again));
    }

    [Fact]
    public async Task What_can_not_be_started_from_is_bad_input_in_a_sentence()
    {
        var made = await workshop.ReadyAsync();
        await File.WriteAllTextAsync(scratch["notes.safetensors"], "not weights", TestContext.Current.CancellationToken);
        await RefusedAsync(["--init-from", scratch["none.pt"]], "none.pt");
        await RefusedAsync(["--init-from", "nothing"], "lipsol runs list");
        await RefusedAsync(["--init-from", "tiny-words@9"], "version 9");
        await RefusedAsync(["--init-from", "tiny-words@"], "NAME@3");
        await RefusedAsync(["--init-from", scratch["notes.safetensors"]], "neither safetensors nor");
        await RefusedAsync(["--init-from", made.Run, "--map", scratch["none.yaml"]], "none.yaml");

        async Task RefusedAsync(string[] options, string words)
        {
            var answer = (await LipSolProgram.RunAsync(made.DataFolder, [.. Train, .. options])).With(2);
            Assert.Contains(words, answer.Errors + answer.Output);
            Assert.DoesNotContain("   at LipSol", answer.Errors + answer.Output);
        }
    }

    private static string? Kind(System.Text.Json.JsonElement run) => run.GetProperty("initFrom").GetProperty("kind").GetString();

    private static string[] Runs(Answer answer) => [.. answer.Document.GetProperty("runs").EnumerateArray().SelectMany(g => g.GetProperty("runs").EnumerateArray()).Select(r => r.GetString()!)];
}
