using System.Text.Json;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Runs;

/// <summary><c>runs delete</c>, <c>runs restore</c>, <c>runs purge</c>.</summary>
[Collection(DeletedRuns.Collection)]
public sealed class DeletionTests(Workshop workshop)
{
    [Fact]
    public async Task A_run_is_hidden_shown_again_hidden_anew_and_gone_for_good()
    {
        var made = await workshop.ReadyAsync();
        string[] train = ["train", "--corpus", "tiny", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1", "--experiment", "doomed", "--json"];
        var run = (await LipSolProgram.RunAsync(made.DataFolder, train)).With(0).Document.GetProperty("id").GetString()!;
        string[] where = ["--where", "experiment = 'doomed'"];

        Assert.Contains("1 run deleted. `lipsol runs restore`", (await LipSolProgram.RunAsync(made.DataFolder, ["runs", "delete", .. where])).With(0).Output);
        Assert.DoesNotContain(run, await ListedAsync());
        Assert.Contains("1 run restored", (await LipSolProgram.RunAsync(made.DataFolder, "runs", "restore", run)).With(0).Output);
        Assert.Contains(run, await ListedAsync());
        Assert.Equal([run], Ids((await LipSolProgram.RunAsync(made.DataFolder, "runs", "delete", run, "--json")).With(0).Document));

        // What was deleted just now isn't old enough; and nobody can be asked here.
        Assert.Empty(Ids((await LipSolProgram.RunAsync(made.DataFolder, "runs", "purge", "--older-than", "1d", "--json")).With(0).Document));
        Assert.Contains("Remove 1 run for good, with all metrics and checkpoints? Nobody can be asked here: give --yes to do it.", (await LipSolProgram.RunAsync(made.DataFolder, "runs", "purge")).With(2).Errors);
        var (status, shown) = await OnTerminal.RunAsync(made.DataFolder, "n", "runs", "purge");
        Assert.Equal(1, status);
        Assert.Contains(run, shown);
        Assert.Equal([run], Ids((await LipSolProgram.RunAsync(made.DataFolder, "runs", "purge", "--yes", "--json")).With(0).Document));
        (await LipSolProgram.RunAsync(made.DataFolder, "runs", "restore", run)).With(2);
        (await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", run)).With(2);

        // What a model stands on is kept.
        var kept = (await LipSolProgram.RunAsync(made.DataFolder, "runs", "delete", made.Run, "--json")).With(2).Document;
        Assert.Empty(Ids(kept));
        Assert.Contains("tiny-words", Assert.Single(kept.GetProperty("refused").EnumerateArray()).GetProperty("reason").GetString());

        async Task<string> ListedAsync() => (await LipSolProgram.RunAsync(made.DataFolder, "runs", "list", "--json")).With(0).Output;
    }

    private static string[] Ids(JsonElement document) => [.. document.GetProperty("runs").EnumerateArray().Select(r => r.GetString()!)];
}
