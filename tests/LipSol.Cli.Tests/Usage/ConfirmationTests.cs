using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Usage;

/// <summary>What can't be undone is asked for on a terminal, and done in a script with --yes alone.</summary>
[Collection(OwnWorkshop.Collection)]
public sealed class ConfirmationTests(OwnWorkshop workshop)
{
    [Fact]
    public async Task A_model_is_deleted_once_whoever_is_asked_says_so()
    {
        var made = await workshop.ReadyAsync();
        (await LipSolProgram.RunAsync(made.DataFolder, "models", "promote", "doomed", "--run", made.Run, "--threshold", "0")).With(0);
        var scripted = (await LipSolProgram.RunAsync(made.DataFolder, "models", "delete", "doomed", "--json")).With(2).Document.GetProperty("error").GetString();
        Assert.Equal("Delete the model doomed, its one version, one of them in production? Nobody can be asked here: give --yes to do it.", scripted);

        foreach (var no in (string[])["n", "", "yess"])
        {
            var (refused, said) = await OnTerminal.RunAsync(made.DataFolder, no, "models", "delete", "doomed");
            Assert.True(refused == 1, said);
            Assert.Contains("Nothing was changed", said);
        }
        (await LipSolProgram.RunAsync(made.DataFolder, "models", "show", "doomed")).With(0);

        var (status, shown) = await OnTerminal.RunAsync(made.DataFolder, "y", "models", "delete", "doomed");
        Assert.True(status == 0, shown);
        Assert.Contains("Model doomed is deleted.", shown);
        (await LipSolProgram.RunAsync(made.DataFolder, "models", "show", "doomed")).With(2);
    }

    [Fact]
    public async Task A_token_is_revoked_once_whoever_is_asked_says_so()
    {
        var made = await workshop.ReadyAsync();
        (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "create", "doomed", "--role", "read")).With(0);
        Assert.Contains("give --yes", (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "revoke", "doomed", "--json")).With(2).Document.GetProperty("error").GetString());
        Assert.Equal(1, (await OnTerminal.RunAsync(made.DataFolder, "no", "tokens", "revoke", "doomed")).Status);
        Assert.Contains("holds", Assert.Single(await RowsAsync()));
        var (status, shown) = await OnTerminal.RunAsync(made.DataFolder, "YES", "tokens", "revoke", "doomed");
        Assert.True(status == 0, shown);
        Assert.Contains("doomed lets nobody in any more", shown);
        Assert.Contains("revoked", Assert.Single(await RowsAsync()));

        async Task<string[]> RowsAsync() =>
            [.. (await LipSolProgram.RunAsync(made.DataFolder, "tokens", "list")).With(0).Output.Split('\n').Where(line => line.Contains("doomed", StringComparison.Ordinal))];
    }
}
