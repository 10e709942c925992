using LipSol.Cli.CommandLine;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Searches;

public sealed class SweepTests(Workshop workshop) : IDisposable
{
    private const string Definition = """
        name: tiny-rates
        corpus: tiny
        network: word-tcn
        method: random
        trials: 3
        objective: { metric: val_accuracy, goal: max }
        space: { learning_rate: { float: [0.0005, 0.01], log: true } }
        fixed: { epochs: 2, batch_size: 4, warmup_epochs: 1, resize: 32, size: 28, front: 16, width: 16, stages: 1, scale_width: 16, temporal_blocks: 1 }
        """;

    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_sweep_is_watched_to_its_end_shown_extended_and_met_again()
    {
        var made = await workshop.ReadyAsync();
        var file = scratch["sweep.yaml"];
        await File.WriteAllTextAsync(file, Definition, TestContext.Current.CancellationToken);
        var watched = (await LipSolProgram.RunAsync(made.DataFolder, "sweep", file, "--watch")).With(0);
        Assert.Contains("tiny-rates: completed; 3 of 3 trials, best val_accuracy", watched.Output);
        Assert.Contains("--set learning_rate=", watched.Output);
        Assert.Contains("3/3  trial", watched.Errors);

        var svg = scratch["picture.svg"];
        var shown = (await LipSolProgram.RunAsync(made.DataFolder, "sweep", "show", "tiny-rates", "--svg", svg, "--json")).With(0).Document;
        Assert.Equal(3, shown.GetProperty("search").GetProperty("trials").GetArrayLength());
        Assert.Equal("learning_rate", shown.GetProperty("analysis").GetProperty("axes")[0].GetProperty("parameter").GetString());
        Assert.StartsWith("<svg xmlns", await File.ReadAllTextAsync(svg, TestContext.Current.CancellationToken));

        Assert.Equal(4, (await LipSolProgram.RunAsync(made.DataFolder, "sweep", "add", "tiny-rates", "1", "--json")).With(0).Document.GetProperty("target").GetInt32());
        var again = (await LipSolProgram.RunAsync(made.DataFolder, "sweep", file, "--watch", "--json")).With(0).Document;
        Assert.Equal(4, again.GetProperty("search").GetProperty("trialCount").GetInt32());
        Assert.Contains("tiny-rates", (await LipSolProgram.RunAsync(made.DataFolder, "sweep", "list")).With(0).Output);
        Assert.Equal(4, (await LipSolProgram.RunAsync(made.DataFolder, "runs", "list", "--where", "tags.search = 'tiny-rates'", "--json")).With(0).Document.GetArrayLength());
    }

    [Theory]
    [InlineData("float: [0.01, 0.0005]", "sweep.yaml, line 7: learning_rate goes from 0.01 to 0.0005: the bounds are the wrong way round")]
    [InlineData("floats: [0.0005, 0.01]", "learning_rate has no floats")]
    public async Task What_is_wrong_is_told_with_file_and_line_before_a_node_is_started(string instead, string words)
    {
        var file = scratch["sweep.yaml"];
        await File.WriteAllTextAsync(file, Definition.Replace("float: [0.0005, 0.01]", instead, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Contains(words, await RefusedAsync("sweep", file));
        Assert.False(Directory.Exists(scratch["data"]));
    }

    [Fact]
    public async Task A_file_that_is_missing_or_not_named_is_told()
    {
        Assert.Contains("There is no file", await RefusedAsync("sweep", scratch["nowhere.yaml"]));
        Assert.Contains("docs/searches.md", await RefusedAsync("sweep"));
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        var errors = new StringWriter();
        Assert.Equal(ExitStatus.BadInput, await LipSolCommandLine.RunAsync([.. arguments, "--data", scratch["data"]], new StringWriter(), errors, TestContext.Current.CancellationToken));
        return errors.ToString();
    }
}
