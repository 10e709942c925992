using System.Net;
using System.Net.Http.Headers;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

namespace LipSol.Silo.Tests.Runs;

/// <summary>Searches, courses of metrics and the end of records over HTTP.</summary>
public sealed class HistoryTests(NodeFixture fixture)
{
    [Fact]
    public async Task A_search_finds_runs_by_what_they_were_asked_for_and_what_came_out()
    {
        Assert.Contains(fixture.RunId, await FindAsync("metrics.loss.min <= 0.25 AND params.epochs = 3 AND status = 'completed' AND created > -1d"));
        Assert.DoesNotContain(fixture.RunId, await FindAsync("NOT params.epochs = 3"));
        var page = await fixture.Client.Runs.SearchPageAsync(new SearchRuns { Where = $"id = '{fixture.RunId}'", Experiment = "first", Status = RunStatus.Completed, Count = true });
        Assert.Equal((1, null), (page.Total, page.Next));
        Assert.Equal(0.25, Assert.Single(page.Runs).Metrics["loss"].Last);

        async Task<List<string>> FindAsync(string where)
        {
            List<string> ids = [];
            await foreach (var run in fixture.Client.Runs.SearchAsync(where, "metrics.loss.max desc")) ids.Add(run.Id);
            return ids;
        }
    }

    [Fact]
    public async Task A_plain_address_searches_too_and_shows_where_it_is_wrong()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/runs?take=5&orderBy=name&where=" + Uri.EscapeDataString("experiment = 'first' AND metrics.loss <"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Node.Token);
        using var answer = await fixture.Node.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("bad-search", await answer.Content.ReadAsStringAsync());
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.SearchPageAsync(new SearchRuns { OrderBy = "name upwards" }));
        Assert.Equal("bad-search", refusal.Reason);
        Assert.Contains("  name upwards\n       ^", refusal.Message);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.SearchPageAsync(new SearchRuns { After = "nowhere" }));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.SearchPageAsync(new SearchRuns { Take = 100_000 }));
    }

    [Fact]
    public async Task A_metrics_course_and_its_points_are_read_in_parts()
    {
        var history = await fixture.Client.Runs.GetMetricHistoryAsync(fixture.RunId, "loss", buckets: 2);
        Assert.Equal([new MetricBucket(1, 1, 1, 0, 0.5, 0.5, 0.5), new MetricBucket(2, 2, 1, 0, 0.25, 0.25, 0.25)], history.Buckets);
        Assert.Empty((await fixture.Client.Runs.GetMetricHistoryAsync(fixture.RunId, "none")).Buckets);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Runs.GetMetricHistoryAsync("none", "loss"));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.GetMetricHistoryAsync(fixture.RunId, "loss", buckets: 1));

        List<(string, long, double)> points = [];
        await foreach (var point in fixture.Client.Runs.ReadPointsAsync(fixture.RunId)) points.Add((point.Name, point.Step, point.Value));
        Assert.Equal([("loss", 1, 0.5), ("loss", 2, 0.25)], points);
        await Assert.ThrowsAsync<LipSolNotFoundException>(async () => await fixture.Client.Runs.ReadPointsAsync("none").ToListAsync());
    }

    [Fact]
    public async Task A_run_is_deleted_restored_and_purged()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus });
        var worker = await node.Workers.NextAsync();
        Assert.Contains("Stop it first", (await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.DeleteAsync(run.Id))).Message);
        await worker.ReportAsync(("loss", 1, 0.9));
        await worker.CompleteAsync();
        var log = Path.Combine(node.DataFolder, "logs", run.Id + ".log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await File.WriteAllTextAsync(log, "printed");
        await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.PurgeAsync(run.Id));

        Assert.NotNull((await node.Client.Runs.DeleteAsync(run.Id)).DeletedAt);
        Assert.Empty(await node.Client.Runs.ListAsync());
        Assert.Equal(run.Id, Assert.Single((await node.Client.Runs.SearchPageAsync(new SearchRuns { Deleted = DeletedRuns.Only })).Runs).Id);
        Assert.Null((await node.Client.Runs.RestoreAsync(run.Id)).DeletedAt);
        Assert.Single(await node.Client.Runs.ListAsync());

        await node.Client.Runs.DeleteAsync(run.Id);
        await node.Client.Runs.PurgeAsync(run.Id);
        Assert.Empty((await node.Client.Runs.SearchPageAsync(new SearchRuns { Deleted = DeletedRuns.Included })).Runs);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Runs.GetAsync(run.Id));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => node.Client.Runs.PurgeAsync(run.Id));
        Assert.False(File.Exists(log));
    }

    [Fact]
    public async Task Checkpoints_leave_the_store_as_the_run_says_and_with_its_purge()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var store = new FolderArtifactStore(Path.Combine(node.DataFolder, "artifacts"));
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, KeepCheckpoints = "some" }));
        Assert.Contains("'last,best'", refusal.Message);

        var run = await node.Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, KeepCheckpoints = "best, every 3" });
        var worker = await node.Workers.NextAsync();
        string[] written = [.. Enumerable.Range(1, 5).Select(i => store.PutBytes(Guid.NewGuid().ToByteArray()))];
        for (var i = 0; i < written.Length; i++) await worker.CheckpointAsync(written[i], 10 * (i + 1), i == 1 ? 0.9 : 0.1);
        run = await node.Client.Runs.GetAsync(run.Id);
        Assert.Equal("last,best,every 3", run.KeepCheckpoints);
        Assert.Equal([20L, 30L, 50L], run.Checkpoints.Select(c => c.Step));
        Assert.Equal(written[4], run.Artifacts["checkpoint"]);
        Assert.Equal([false, true, true, false, true], written.Select(store.Exists));

        await worker.CompleteAsync();
        await node.Client.Runs.WaitAsync(run.Id);
        await node.Client.Runs.DeleteAsync(run.Id);
        var model = (await node.Client.Runs.GetAsync(run.Id)).Artifacts["model"];
        await node.Client.Runs.PurgeAsync(run.Id);
        Assert.DoesNotContain(true, written.Select(store.Exists));
        Assert.True(store.Exists(model));
    }

    [Fact]
    public async Task A_run_that_a_model_stands_on_is_kept()
    {
        var refusal = await Assert.ThrowsAsync<LipSolRefusedException>(() => fixture.Client.Runs.DeleteAsync(fixture.RunId));
        Assert.Contains("urdu-words (candidate, production)", refusal.Message);
        Assert.Equal(HttpStatusCode.Conflict, refusal.Status);
    }
}
