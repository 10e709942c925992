using LipSol.Client;
using LipSol.Cluster.Tests.Pipelines;
using LipSol.Contracts.Pipelines;
using LipSol.Grains;
using LipSol.Silo.Node;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Pipelines;

/// <summary>The daily pipeline on real recordings: the ten digits of GRID's speaker s1, three variants side by side, with a second night on which more was recorded, and a third on which nothing was.</summary>
[Trait("Category", "Long")]
public sealed class DailyDigitsTests
{
    // On two cores.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Night_after_night_only_what_depends_on_new_clips_is_done_again_and_the_better_reader_goes_into_production()
    {
        using var folder = new TemporaryFolder();
        var recordings = Path.Combine(folder.Path, "recordings");
        var clock = new ShiftedTime();
        await using var node = await LipSolNode.StartAsync(TestNode.Options(Path.Combine(folder.Path, "data")) with { Slots = 2, Threads = 1 }, services =>
        {
            services.AddLogging(log => log.ClearProviders());
            services.AddKeyedSingleton<TimeProvider>(LipSolGrainsExtensions.Clock, clock);
        }, TestContext.Current.CancellationToken);
        using var client = new LipSolClient(new Uri(node.Url), node.Token);
        var grain = node.Services.GetRequiredService<IGrainFactory>().GetGrain<IPipelineGrain>(GridDigits.Pipeline);
        GridDigits.Record(recordings, train: 100, val: 20);
        // A part of it, to which nothing is ever added.
        var archive = Path.Combine(folder.Path, "archive");
        GridDigits.Record(archive, train: 40, val: 10);
        var registered = await client.Pipelines.RegisterAsync(Daily(recordings, archive));

        clock.MoveTo(registered.Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var first = await EndsAsync(client, 1);
        Assert.Equal(PipelineRunStatus.Succeeded, first.Status);
        Assert.Equal("digits version 1 is in production.", first.Step("production").Left["note"]);
        Assert.InRange((first.EndedAt - first.StartedAt)!.Value, TimeSpan.Zero, Longest);

        // The next day: more was recorded.
        GridDigits.Record(recordings, train: 200, val: 30);
        clock.MoveTo((await client.Pipelines.GetAsync(GridDigits.Pipeline)).Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var second = await EndsAsync(client, 2);
        Assert.Equal(PipelineRunStatus.Succeeded, second.Status);
        Assert.InRange((second.EndedAt - second.StartedAt)!.Value, TimeSpan.Zero, Longest);
        Assert.Contains("110 of them new", second.Step("clips").Left["note"]);
        // What doesn't depend on the new clips isn't done again on the same night.
        Assert.All(new[] { "archive", "steady", "read" }, step => Assert.Equal((PipelineStepStatus.Cached, "Inputs, settings and code are those of run 1: what it left is taken."), (second.Step(step).Status, second.Step(step).Why)));
        Assert.All(new[] { "clips", "small", "wide", "slow", "best", "figures" }, step => Assert.Equal(PipelineStepStatus.Done, second.Step(step).Status));
        Assert.All(new[] { "small", "wide", "slow" }, step => Assert.Contains("data was", second.Step(step).Why));
        var model = await client.Models.GetAsync("digits");
        var decision = model.Promotions[^1];
        Assert.Equal((2, "Run 2 of the pipeline " + GridDigits.Pipeline + ", for " + second.Day + "."), (decision.Version, decision.Note));
        Assert.NotNull(decision.Evidence!.Comparison);
        Assert.Equal(decision.Promoted ? 2 : 1, model.Aliases["production"]);
        Assert.Equal(decision.Promoted ? PipelineStepStatus.Done : PipelineStepStatus.NotNeeded, second.Step("production").Status);

        // And one with nothing new: nothing is cropped, trained or chosen, and there's no further version.
        clock.MoveTo((await client.Pipelines.GetAsync(GridDigits.Pipeline)).Next!.Value.AddMinutes(1));
        await grain.WakeAsync();
        var third = await EndsAsync(client, 3);
        Assert.All(new[] { "clips", "small", "wide", "slow", "best", "figures", "archive", "steady", "read" }, step => Assert.Equal(PipelineStepStatus.Cached, third.Step(step).Status));
        Assert.Equal(2, (await client.Models.GetAsync("digits")).Versions.Count);
    }

    private static async Task<PipelineRun> EndsAsync(LipSolClient client, int number)
    {
        PipelineRun? run = null;
        await foreach (var now in client.Pipelines.FollowAsync(GridDigits.Pipeline, number, TestContext.Current.CancellationToken)) run = now;
        TestContext.Current.TestOutputHelper?.WriteLine($"run {number}: {run!.Status} in {(run.EndedAt - run.StartedAt)?.TotalSeconds:0} s\n{run.Picture.Text}");
        return run!;
    }

    private static PipelineBuilder Daily(string recordings, string archive) => GridDigits.Daily(recordings)
        .Prepare("archive", corpus: "archive", layout: "folder", folder: archive)
        .Train("steady", "word-tcn", data: "archive", parameters: new() { ["epochs"] = 2, ["warmup_epochs"] = 1 })
        .Evaluate("read", of: "steady");

    /// <summary>The time, so many days later.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private TimeSpan shift;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;

        public void MoveTo(DateTimeOffset time) => shift += time - GetUtcNow();
    }
}
