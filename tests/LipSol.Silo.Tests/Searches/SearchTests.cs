using System.Net;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Searches;

public sealed class SearchTests
{
    private static readonly SearchPlan Plan = new()
    {
        Name = "rates",
        Corpus = TestNode.Corpus,
        Network = "brightness",
        Method = "random",
        Trials = 3,
        Parallel = 1,
        Metric = "val_accuracy",
        Goal = "max",
        Space = new Dictionary<string, SearchRange>
        {
            ["learning_rate"] = SearchRange.Float(0.001, 0.1, log: true),
            ["freeze"] = SearchRange.Choice("none", "visual"),
            ["freeze_epochs"] = SearchRange.Int(1, 5).When("freeze", "visual"),
        },
        Fixed = new Dictionary<string, string> { ["epochs"] = "3" },
        RunSeed = 7,
    };

    [Fact]
    public async Task A_search_written_in_CSharp_runs_over_HTTP_to_its_result()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var started = await node.Client.Searches.StartAsync(Plan);
        Assert.Equal((SearchStatus.Running, 3, "random", "val_accuracy", true), (started.Status, started.Target, started.Method, started.Metric, started.Maximise));
        Assert.Equal(["learning_rate", "freeze", "freeze_epochs"], started.Parameters);
        Assert.Equal(started.Trials.Select(t => t.RunId), (await node.Client.Searches.StartAsync(Plan)).Trials.Select(t => t.RunId));

        var following = Task.Run(async () =>
        {
            var seen = new List<ParameterSearch>();
            await foreach (var now in node.Client.Searches.FollowAsync("rates")) seen.Add(now);
            return seen;
        });
        foreach (var value in new[] { 0.4, 0.8, 0.6 })
        {
            var worker = await node.Workers.NextAsync();
            Assert.Equal((7L, "3", "rates"), (worker.Start.Spec.Seed, worker.Start.Spec.Parameters["epochs"], worker.Start.Spec.Experiment));
            await worker.ReportAsync(("val_accuracy", 10, value / 2), ("val_accuracy", 20, value));
            await worker.CompleteAsync();
        }
        var done = (await following)[^1];
        Assert.Equal((SearchStatus.Completed, 2, 0.8), (done.Status, done.Best, done.BestObjective));
        Assert.Equal([0.4, 0.8, 0.6], done.Trials.Select(t => t.Objective));
        Assert.All(done.Trials, t => Assert.Equal(t.Parameters["freeze"] == "visual", t.Parameters.ContainsKey("freeze_epochs")));
        Assert.Equal("2", (await node.Client.Runs.GetAsync(done.Trials[1].RunId)).Tags["trial"]);

        var analysis = await node.Client.Searches.AnalyseAsync("rates");
        Assert.Equal(["learning_rate", "freeze", "freeze_epochs"], analysis.Axes.Select(a => a.Parameter));
        Assert.Equal(3, analysis.Coordinates.Count);
        Assert.Null(analysis.Importance);

        Assert.Equal("rates", Assert.Single(await node.Client.Searches.ListAsync()).Name);
        Assert.Equal(4, (await node.Client.Searches.AddTrialsAsync("rates", 1)).Target);
        Assert.Equal(SearchStatus.Paused, (await node.Client.Searches.PauseAsync("rates")).Status);
        Assert.Equal(SearchStatus.Running, (await node.Client.Searches.ResumeAsync("rates")).Status);
        Assert.Equal(SearchStatus.Stopped, (await node.Client.Searches.StopAsync("rates")).Status);
    }

    [Fact]
    public async Task What_cannot_be_searched_is_refused_with_the_line_and_what_to_do()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var yaml = Plan.ToDefinition();
        var wrong = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Searches.StartAsync(yaml.Replace("0.001", "0.9", StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-definition"), (wrong.Status, wrong.Reason));
        Assert.Contains("the wrong way round", wrong.Message);
        Assert.Matches("^line [0-9]+: ", wrong.Message);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Searches.StartAsync(Plan with { Corpus = "nowhere" }));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Searches.GetAsync("nobody"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Searches.StopAsync("nobody"));
        await node.Client.Searches.StartAsync(Plan);
        var other = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Searches.StartAsync(Plan with { Seed = 9 }));
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Searches.AddTrialsAsync("rates", 5000));
    }
}
