using LipSol.Client;

namespace LipSol.Cluster.Tests.Searches;

/// <summary>A search on a real node that is killed again and again.</summary>
[Trait("Category", "Long")]
public sealed class KilledNodeTests
{
    private const string Name = "rates";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_search_whose_node_is_killed_while_it_trains_pauses_and_grows_ends_as_one_that_nobody_disturbed()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder["disturbed"]);
        BrightCorpus.WriteTo(folder["undisturbed"]);
        await using (var node = await StartAsync(folder["disturbed"]))
        {
            await node.Client.Searches.StartAsync(Plan, TestContext.Current.CancellationToken);
            await UntilAsync(node, s => s.Trials.Any(t => t.Values > 0));
            await node.KillAsync();
        }
        await using (var node = await StartAsync(folder["disturbed"]))
        {
            await UntilAsync(node, s => s.Trials.Count > 2);
            await node.Client.Searches.PauseAsync(Name, cancellationToken: TestContext.Current.CancellationToken);
            await node.KillAsync();
        }
        await using (var node = await StartAsync(folder["disturbed"]))
        {
            var paused = await UntilAsync(node, s => s.Trials.All(t => t.Status != SearchTrialStatus.Running));
            Assert.Equal(SearchStatus.Paused, paused.Status);
            await node.Client.Searches.ResumeAsync(Name, TestContext.Current.CancellationToken);
            await node.KillAsync();
        }
        await using (var node = await StartAsync(folder["disturbed"]))
        {
            await node.Client.Searches.AddTrialsAsync(Name, 2, "two more", TestContext.Current.CancellationToken);
            await node.KillAsync();
        }
        await using var last = await StartAsync(folder["disturbed"]);
        await last.Client.Searches.AddTrialsAsync(Name, 2, "two more", TestContext.Current.CancellationToken);
        var disturbed = await UntilAsync(last, s => s.IsOver());

        await using var other = await StartAsync(folder["undisturbed"]);
        await other.Client.Searches.StartAsync(Plan with { Trials = Plan.Trials + 2 }, TestContext.Current.CancellationToken);
        var undisturbed = await UntilAsync(other, s => s.IsOver());

        Assert.Equal(SearchStatus.Completed, disturbed.Status);
        Assert.Equal(undisturbed.Trials.Select(Told), disturbed.Trials.Select(Told));
        Assert.Equal((undisturbed.Best, undisturbed.BestObjective), (disturbed.Best, disturbed.BestObjective));
        Assert.Equal(disturbed.Trials.Count, (await last.Client.Runs.ListAsync(Name, cancellationToken: TestContext.Current.CancellationToken)).Count);
    }

    private static SearchPlan Plan => new()
    {
        Name = Name, Corpus = BrightCorpus.Name, Network = "word-gru", Method = "random", Trials = 5, Parallel = 2, Seed = 3, Metric = "val_loss", Goal = "min", RunSeed = 7, Threads = 1,
        Space = new Dictionary<string, SearchRange> { ["learning_rate"] = SearchRange.Float(0.0005, 0.02, log: true) },
        Fixed = TrainingRun.Request(epochs: 60).Parameters.ToDictionary(),
    };

    private static (int, string, SearchTrialStatus, double?, int) Told(SearchTrial trial) => (trial.Number, string.Join(' ', trial.Parameters.Select(p => $"{p.Key}={p.Value}")), trial.Status, trial.Objective, trial.Values);

    private static Task<NodeProcess> StartAsync(string folder) => NodeProcess.StartAsync(folder, "--slots", "2");

    private static Task<ParameterSearch> UntilAsync(NodeProcess node, Func<ParameterSearch, bool> so) =>
        Eventually.FindAsync("search as expected", Patience, async () => await node.Client.Searches.GetAsync(Name, TestContext.Current.CancellationToken) is var search && so(search) ? search : null);
}
