using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Pipelines;

public sealed class PipelineCommandTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_pipeline_is_registered_run_shown_and_deleted()
    {
        var made = await workshop.ReadyAsync();
        var file = scratch["nightly.yaml"];
        await File.WriteAllTextAsync(file, "pipeline: nightly\nschedule: { cron: \"30 2 * * *\", zone: Asia/Karachi }\nsteps:\n  clips: { kind: prepare, title: ریکارڈنگ, corpus: c, layout: folder, folder: /nowhere }\n  small: { kind: train, data: clips, network: word-tcn }\n");
        Assert.Matches(@"nightly is registered \(definition 1\); next run \d{4}-\d\d-\d\d 02:30 Asia/Karachi\.", (await RunAsync(file)).With(0).Output);
        Assert.Contains("no run yet; next run", (await RunAsync("show", "nightly")).With(0).Output);

        // The folder isn't there: the run fails, and says why.
        var failed = (await RunAsync("run", "nightly", "--follow")).With(1);
        Assert.Contains("There is no folder /nowhere", failed.Output);
        Assert.Contains("clips  failed: There is no folder", failed.Errors);
        var shown = (await RunAsync("show", "nightly", "--svg", scratch["run.svg"])).With(0);
        Assert.Contains("ریکارڈنگ", shown.Output);
        Assert.Contains("It needs clips, which failed.", shown.Output);
        Assert.Contains("direction=\"rtl\"", await File.ReadAllTextAsync(scratch["run.svg"]));
        Assert.Equal("failed", (await RunAsync("show", "nightly", "--json")).With(0).Document.GetProperty("status").GetString());
        Assert.Equal(1, (await RunAsync("history", "nightly", "--json")).With(0).Document.GetProperty("total").GetInt32());
        var history = (await RunAsync("history", "nightly")).With(0).Output;
        Assert.Contains("failed", history);
        Assert.Contains("Asia/Karachi", history);
        Assert.Contains("nightly", (await RunAsync("list")).With(0).Output);
        Assert.Contains("is paused", (await RunAsync("pause", "nightly")).With(0).Output);
        Assert.Contains("next run", (await RunAsync("resume", "nightly")).With(0).Output);
        Assert.Contains("under way", (await RunAsync("cancel", "nightly")).With(2).Errors);
        Assert.Contains("isn't over yet", (await RunAsync("backfill", "nightly", "--from", "2099-01-01")).With(2).Errors);
        Assert.Contains("give --yes", (await RunAsync("delete", "nightly")).With(2).Errors);
        (await RunAsync("delete", "nightly", "--yes")).With(0);
        Assert.Contains("There is no pipeline nightly", (await RunAsync("show", "nightly")).With(2).Errors);

        Task<Answer> RunAsync(params string[] arguments) => LipSolProgram.RunAsync(made.DataFolder, ["pipeline", .. arguments]);
    }

    [Fact]
    public async Task A_file_that_can_not_be_is_refused_with_its_name_and_lines()
    {
        var made = await workshop.ReadyAsync();
        var file = scratch["bad.yaml"];
        await File.WriteAllTextAsync(file, "pipeline: bad\nsteps:\n  a: { kind: choose, from: [b], metric: val_loss }\n  b: { kind: choose, from: [a], metric: val_loss }\n  c: { kind: dance }\n");
        var errors = (await LipSolProgram.RunAsync(made.DataFolder, "pipeline", file)).With(2).Errors;
        Assert.Contains($"{file}, line 3: the steps wait for each other in a circle: 'a' needs 'b' needs 'a'.", errors);
        Assert.Contains($"{file}, line 5: step 'c' is of the kind 'dance'", errors);
        Assert.Contains("There is no file", (await LipSolProgram.RunAsync(made.DataFolder, "pipeline", scratch["none.yaml"])).With(2).Errors);
        Assert.Contains("Name the pipeline's file", (await LipSolProgram.RunAsync(made.DataFolder, "pipeline")).With(2).Errors);
    }
}
