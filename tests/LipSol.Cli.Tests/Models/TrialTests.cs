using System.Text.Json;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Models;

/// <summary>A version's way into production and back, as a person goes it at the command line.</summary>
[Collection(OwnWorkshop.Collection)]
public sealed class TrialTests(OwnWorkshop workshop)
{
    private const string Model = "trials";

    [Fact]
    public async Task A_version_is_tried_as_canary_and_as_shadow_promoted_rolled_back_and_deleted()
    {
        var made = await workshop.ReadyAsync();
        // Refused by the gate they are versions 1 and 2 all the same, and nothing is in production.
        var first = Figure((await LipsolAsync("promote", Model, "--run", made.OtherRun, "--threshold", "2", "--json")).With(1).Document);
        var second = Figure((await LipsolAsync("promote", Model, "--run", made.Run, "--threshold", "2", "--json")).With(1).Document);
        var (worse, better) = first <= second ? ("1", "2") : ("2", "1");
        Assert.Contains($"{Model} version {worse} promoted", (await LipsolAsync("promote", Model, worse, "--threshold", "0")).With(0).Output);

        var canary = (await LipsolAsync("canary", Model, better, "--share", "1", "--json")).With(0).Document;
        Assert.Equal(("canary", 1.0), (canary.GetProperty("kind").GetString(), canary.GetProperty("trial").GetProperty("share").GetDouble()));
        Assert.Equal(better, await ReaderAsync());
        var traffic = (await LipsolAsync("traffic", Model, "--json")).With(0).Document.GetProperty("figures");
        Assert.Equal((int.Parse(better), 1), (traffic.GetProperty("candidate").GetProperty("version").GetInt32(), traffic.GetProperty("candidate").GetProperty("answered").GetInt32()));
        Assert.Contains($"canary of version {better}, 100 % of requests", (await LipsolAsync("traffic", Model)).With(0).Output);
        Assert.Contains("seen enough", (await LipsolAsync("canary", Model, "--stop", "--reason", "seen enough")).With(0).Output);
        Assert.Equal(worse, await ReaderAsync());

        Assert.Contains("reads along", (await LipsolAsync("shadow", Model, better)).With(0).Output);
        Assert.Equal(worse, await ReaderAsync());
        Assert.Contains("beside production", (await LipsolAsync("show", Model)).With(0).Output);
        // While one is on trial, that is what a rollback ends.
        (await LipsolAsync("rollback", Model, "--reason", "only a look")).With(0);
        Assert.DoesNotContain("beside production", (await LipsolAsync("show", Model)).With(0).Output);
        Assert.Equal(worse, await ReaderAsync());

        // Both may read alike: a tie counts half.
        Assert.Contains("promoted", (await LipsolAsync("promote", Model, better, "--threshold", "0", "--confidence", "0.4")).With(0).Output);
        Assert.Equal(better, await ReaderAsync());
        Assert.Contains("in production", (await LipsolAsync("delete", Model, "--version-number", better, "--yes")).With(2).Errors);
        Assert.Contains("misreads", (await LipsolAsync("rollback", Model, "--reason", "misreads")).With(0).Output);
        Assert.Equal(worse, await ReaderAsync());

        Assert.Contains($"Version {better} of {Model} is deleted.", (await LipsolAsync("delete", Model, "--version-number", better, "--yes")).With(0).Output);
        var left = Assert.Single((await LipsolAsync("show", Model, "--json")).With(0).Document.GetProperty("versions").EnumerateArray());
        Assert.Equal(worse, left.GetProperty("version").GetRawText());
        var trail = (await LipsolAsync("history", Model, "--json")).With(0).Document.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("kind").GetString()!);
        Assert.Equal(["delete", "rollback", "promote", "rollback", "shadow", "stop", "canary", "promote", "refuse", "refuse"], trail);

        Task<Answer> LipsolAsync(params string[] arguments) => LipSolProgram.RunAsync(made.DataFolder, ["models", .. arguments]);

        // The version that reads a clip now.
        async Task<string> ReaderAsync() =>
            (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--model", Model, "--json")).With(0).Document.GetProperty("provenance").GetProperty("version").GetRawText();
    }

    private static double Figure(JsonElement decision) => decision.GetProperty("candidate").GetProperty("value").GetDouble();
}
