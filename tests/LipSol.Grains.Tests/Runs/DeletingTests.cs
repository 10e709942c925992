using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Runs;

public sealed class DeletingTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_deleted_run_is_hidden_and_comes_back_whole_when_it_is_restored()
    {
        string run = await EndedAsync();
        await _cluster.Run(run).DeleteAsync();
        await _cluster.Run(run).DeleteAsync();
        Assert.Empty(await FindAsync(DeletedRuns.Hidden));
        Assert.Equal([run], await FindAsync(DeletedRuns.Only));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).ResumeAsync());
        await _cluster.DeactivateAsync(run);
        Assert.Equal(_cluster.Time.GetUtcNow(), (await _cluster.Run(run).GetAsync())!.DeletedAt);

        await _cluster.Run(run).RestoreAsync();
        await _cluster.Run(run).RestoreAsync();
        Assert.Equal([run], await FindAsync(DeletedRuns.Hidden));
        Assert.Equal(2, (await _cluster.Run(run).GetMetricsAsync("loss", 10)).Count);
    }

    [Fact]
    public async Task A_run_that_waits_or_runs_is_not_deleted()
    {
        string run = await _cluster.StartRunAsync();
        Assert.Contains("Stop it first", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).DeleteAsync())).Message);
        await _cluster.RegisterAsync();
        await _cluster.Workers.OfAsync(run);
        Assert.Contains("is running", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).DeleteAsync())).Message);
    }

    [Fact]
    public async Task A_run_that_a_model_stands_on_is_kept()
    {
        string run = await EndedAsync();
        await _cluster.Model("urdu").RegisterAsync(run);
        await _cluster.Model("urdu").SetAliasAsync("candidate", 1);
        string why = (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).DeleteAsync())).Message;
        Assert.Contains("version 1 of model urdu (candidate)", why);
        Assert.Equal([run], await FindAsync(DeletedRuns.Hidden));
    }

    [Fact]
    public async Task A_deleted_run_gives_no_model()
    {
        string run = await EndedAsync();
        await _cluster.Run(run).DeleteAsync();
        Assert.Contains("deleted", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model("urdu").RegisterAsync(run))).Message);
    }

    [Fact]
    public async Task Only_a_deleted_run_is_purged_and_nothing_of_it_is_left()
    {
        string run = await EndedAsync(), other = await EndedAsync("2");
        Assert.Contains("isn't deleted", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).PurgeAsync())).Message);
        await _cluster.Run(run).DeleteAsync();
        await _cluster.Run(run).PurgeAsync();
        Assert.Null(await _cluster.Run(run).GetAsync());
        Assert.Equal([other], await FindAsync(DeletedRuns.Included));
        Assert.Empty(await _cluster.Metrics.ReadAsync(run, null, 10, CancellationToken.None));
        Assert.Equal(2, (await _cluster.Metrics.ReadAsync(other, null, 10, CancellationToken.None)).Count);
        // What the index is made from knows it no more either.
        Assert.Equal(1, await _cluster.History.RebuildAsync());
        Assert.Equal([other], await FindAsync(DeletedRuns.Included));
        await _cluster.Run(run).PurgeAsync();
    }

    [Fact]
    public async Task A_purge_that_was_cut_short_is_carried_to_its_end()
    {
        string run = await EndedAsync();
        await _cluster.Run(run).DeleteAsync();
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        await _cluster.Run(run).PurgeAsync();
        // As after a crash between the record and its row in the index.
        await _cluster.Index.PutAsync(record, 9, CancellationToken.None);
        await _cluster.Metrics.BeginEpochAsync(run, 9, CancellationToken.None);
        await _cluster.Run(run).PurgeAsync();
        Assert.Empty(await FindAsync(DeletedRuns.Included));
    }

    [Fact]
    public async Task A_search_that_cant_be_understood_is_refused_with_its_place()
    {
        var e = await Assert.ThrowsAsync<RefusedException>(() => _cluster.History.SearchAsync(new RunSearch { Where = "metrics.loss <" }));
        Assert.Contains("^", e.Message);
    }

    private async Task<IEnumerable<string>> FindAsync(DeletedRuns deleted) => (await _cluster.History.SearchAsync(new RunSearch { Deleted = deleted, Where = "metrics.loss.min <= 1" })).Runs.Select(r => r.Id);

    private async Task<string> EndedAsync(string request = "1")
    {
        string run = await _cluster.StartRunAsync(request);
        await _cluster.RegisterAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await worker.MetricsAsync(1, ("loss", 0, 2.0), ("loss", 1, 1));
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model", _cluster.Models.Keep(EvaluationFile.Create(LipSolCluster.Spec().DataHash, [new EvaluatedSample("clip", "a", true, "x", "x", 1)]))));
        return run;
    }
}
