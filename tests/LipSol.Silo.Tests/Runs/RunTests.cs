using System.Text;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Runs;

public sealed class RunTests(NodeFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_completed_run_tells_what_decided_its_numbers_and_what_it_left()
    {
        var run = await fixture.Client.Runs.GetAsync(fixture.RunId);
        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(fixture.DataHash, run.DataHash);
        Assert.Equal("3", run.Parameters["epochs"]);
        Assert.NotEmpty(run.CodeVersion!);
        Assert.Equal(1, run.Figures["word_accuracy"].Value);
        Assert.Equal(0.25, run.Metrics["loss"].Last);
        var listing = Encoding.UTF8.GetString(await fixture.Client.Artifacts.GetAsync(run.Artifacts["model"]));
        Assert.Contains("model.onnx", listing);
        var manifest = Encoding.UTF8.GetString(await fixture.Client.Artifacts.GetAsync(run.Artifacts["model"], "model.json"));
        Assert.Contains(fixture.RunId, manifest);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Artifacts.GetAsync(run.Artifacts["model"], "other.json"));
        await Assert.ThrowsAnyAsync<LipSolException>(() => fixture.Client.Artifacts.GetAsync(run.Artifacts["model"], "../../../token"));
    }

    [Fact]
    public async Task A_run_is_followed_live_to_its_end()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        var worker = await node.Workers.NextAsync();
        using var limit = new CancellationTokenSource(Patience);
        var points = new List<string>();
        var statuses = new List<RunStatus>();
        var reported = 0;

        await worker.ReportAsync(("loss", 1, 0.9));
        await foreach (var e in node.Client.Runs.FollowAsync(run.Id, 0, limit.Token))
        {
            statuses.Add(e.Status);
            points.AddRange(e.Points.Select(p => $"{p.Name} {p.Step}"));
            // Each report is sent once the one before it has arrived here: nothing is live if this doesn't end.
            if (points.Count == 1 && reported == 0)
            {
                reported = 1;
                await worker.ReportAsync(("loss", 2, 0.5), ("accuracy", 2, 0.7));
            }
            if (points.Count == 3 && reported == 1)
            {
                reported = 2;
                await worker.CompleteAsync();
            }
        }

        Assert.Equal(["loss 1", "loss 2", "accuracy 2"], points);
        Assert.Equal(RunStatus.Completed, statuses[^1]);
        Assert.Equal(["accuracy", "loss", "loss"], (await node.Client.Runs.GetMetricsAsync(run.Id)).Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Whoever_goes_on_from_a_cursor_gets_no_point_twice()
    {
        var seen = new List<RunEvent>();
        await foreach (var e in fixture.Client.Runs.FollowAsync(fixture.RunId)) seen.Add(e);
        Assert.Equal(2, seen.Sum(e => e.Points.Count));

        var after = new List<RunEvent>();
        await foreach (var e in fixture.Client.Runs.FollowAsync(fixture.RunId, seen[^1].Cursor)) after.Add(e);
        Assert.Equal(0, after.Sum(e => e.Points.Count));
    }

    [Fact]
    public async Task The_same_request_starts_one_run()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var request = new StartRun { Network = "brightness", Corpus = TestNode.Corpus, RequestId = "once" };
        var first = await node.Client.Runs.StartAsync(request);
        var second = await node.Client.Runs.StartAsync(request);
        Assert.Equal(first.Id, second.Id);
        Assert.Single(await node.Client.Runs.ListAsync());
    }

    [Fact]
    public async Task A_run_is_stopped_and_resumed()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        await node.Workers.NextAsync();
        Assert.Equal(run.Id, (await node.Client.GetNodeAsync()).Slots.Single().RunId);

        await node.Client.Runs.StopAsync(run.Id);
        Assert.Equal(RunStatus.Stopped, (await node.Client.Runs.WaitAsync(run.Id).WaitAsync(Patience)).Status);

        await node.Client.Runs.ResumeAsync(run.Id);
        var again = await node.Workers.NextAsync();
        await again.CompleteAsync();
        Assert.Equal(RunStatus.Completed, (await node.Client.Runs.WaitAsync(run.Id).WaitAsync(Patience)).Status);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.ResumeAsync(run.Id));
    }

    [Fact]
    public async Task Runs_are_found_by_experiment_and_status()
    {
        Assert.Contains(await fixture.Client.Runs.ListExperimentsAsync(), e => e.Name == "first");
        Assert.Contains(await fixture.Client.Runs.ListAsync("first", RunStatus.Completed), r => r.Id == fixture.RunId);
        Assert.Empty(await fixture.Client.Runs.ListAsync("first", RunStatus.Failed));
        Assert.Empty(await fixture.Client.Runs.ListAsync("no such experiment"));
    }

    [Fact]
    public async Task Tags_are_added_to()
    {
        await fixture.Client.Runs.SetTagsAsync(fixture.RunId, new Dictionary<string, string> { ["who"] = "ثنا" });
        Assert.Equal("ثنا", (await fixture.Client.Runs.SetTagsAsync(fixture.RunId, new Dictionary<string, string> { ["why"] = "try" })).Tags["who"]);
    }

    [Fact]
    public async Task Tags_that_no_store_could_keep_are_refused()
    {
        async Task RefusedAsync(string name, string value, string said) =>
            Assert.Contains(said, (await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.SetTagsAsync(fixture.RunId, new Dictionary<string, string> { [name] = value }))).Message);
        await RefusedAsync("", "x", "0 characters");
        await RefusedAsync(new string('n', 251), "x", "251 characters");
        await RefusedAsync("nul", "a\0b", "code 0");
        await RefusedAsync("long", new string('v', 5001), "5001 characters");
        await RefusedAsync("none", null!, "is missing");
    }

    [Fact]
    public async Task A_log_is_what_the_worker_printed()
    {
        Directory.CreateDirectory(Path.Combine(fixture.Node.DataFolder, "logs"));
        await File.WriteAllTextAsync(Path.Combine(fixture.Node.DataFolder, "logs", fixture.RunId + ".log"), "epoch 1\nنہیں\n");
        Assert.Equal("epoch 1\nنہیں\n", await fixture.Client.Runs.GetLogAsync(fixture.RunId));
    }

    [Fact]
    public async Task A_log_that_grows_while_it_is_sent_is_answered()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        Directory.CreateDirectory(Path.Combine(node.DataFolder, "logs"));
        using var log = new FileStream(Path.Combine(node.DataFolder, "logs", run.Id + ".log"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        log.Write("the first line\n"u8);
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested) log.Write("another line\n"u8);
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 30; i++) Assert.StartsWith("the first line\n", await node.Client.Runs.GetLogAsync(run.Id));
        await enough.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task What_does_not_exist_is_said()
    {
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Runs.GetAsync("none"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Runs.GetLogAsync("../token"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Runs.StopAsync("none"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(async () =>
        {
            await foreach (var _ in fixture.Client.Runs.FollowAsync("none")) { }
        });
        var missing = await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Runs.StartAsync(new StartRun { Network = "x", Corpus = "none" }));
        Assert.Contains(TestNode.Corpus, missing.Message);
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_refused()
    {
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.StartAsync(new StartRun { Network = "a b", Corpus = TestNode.Corpus }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.StartAsync(new StartRun { Network = "x", Corpus = TestNode.Corpus, Experiment = "" }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.StartAsync(new StartRun { Network = "x", Corpus = TestNode.Corpus, Threads = -1 }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.ListAsync(take: 0));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Artifacts.GetAsync("../../etc/passwd"));
    }
}
