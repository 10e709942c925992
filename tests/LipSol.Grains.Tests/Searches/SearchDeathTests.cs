using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Searches;

public sealed class SearchDeathTests
{
    [Fact]
    public async Task A_search_whose_node_is_killed_goes_on_where_it_was()
    {
        string folder = Directory.CreateTempSubdirectory("lipsol-search-").FullName;
        try
        {
            SearchRecord before;
            await using (LipSolCluster killed = await LipSolCluster.StartAsync(folder))
            {
                await killed.RegisterAsync(slots: 2, incarnation: "first");
                await killed.SweepAsync();
                await (await killed.WorkerAsync(1)).CompleteAsync(0.5);
                await killed.UntilAsync(s => s.Trials.Count == 3);
                await (await killed.WorkerAsync(2)).ValuesAsync(1, 0.3);
                await killed.WorkerAsync(3);
                before = (await killed.Search("rates").GetAsync())!;
                await killed.Orleans.KillSiloAsync(killed.Orleans.Silos[0]);
            }

            await using LipSolCluster after = await LipSolCluster.StartAsync(folder);
            await after.RegisterAsync(slots: 2, incarnation: "second");
            for (int number = 2; number <= 4; number++) await (await after.WorkerAsync(number)).CompleteAsync(0.3, 0.1 * number);
            SearchRecord done = await after.UntilAsync(s => s.Status == SearchStatus.Completed);
            Assert.Equal(before.Trials.Select(t => (t.Number, t.RunId)), done.Trials.Take(3).Select(t => (t.Number, t.RunId)));
            Assert.Equal([0.5, 0.3, 0.3, 0.4], done.Trials.Select(t => Math.Round(t.Objective, 9)));
            Assert.Equal(4, (await after.History.ListAsync(new RunQuery("rates", null, 0, 10))).Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static TheoryData<int, bool> Moments()
    {
        var moments = new TheoryData<int, bool>();
        foreach (int call in Enumerable.Range(1, 14)) foreach (bool behind in new[] { false, true }) moments.Add(call, behind);
        return moments;
    }

    /// <summary>The search's grain dies at one of its calls, before it's made or behind it, and comes to life again from what is stored.</summary>
    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Wherever_it_dies_no_trial_runs_twice_and_none_is_lost(int call, bool behind)
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync();
        int calls = 0;
        void Die(IOutgoingGrainCallContext context)
        {
            if (context.SourceId?.Type.ToString() != "search" || Interlocked.Increment(ref calls) != call) return;
            throw new IOException("The node died here.");
        }
        if (behind) cluster.Calls.Behind = Die;
        else cluster.Calls.Before = Die;
        await cluster.RegisterAsync(slots: 2);
        await PatientAsync(cluster, () => cluster.SweepAsync(SearchSteps.Definition + "\nasha: { min: 1, factor: 2 }"));
        for (int number = 1; number <= 4; number++)
        {
            FakeWorker worker = await PatientlyAsync(cluster, () => cluster.WorkerAsync(number));
            Assert.Equal("search " + number, "search " + worker.Start.Spec.Tags["trial"]);
            await worker.ValuesAsync(1, 0.1 * number);
            await PatientAsync(cluster, () => cluster.UntilAsync(s => s.Trials[number - 1].Rungs.Count == 1));
            await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome($"model {number}"));
        }
        SearchRecord done = null!;
        await PatientAsync(cluster, async () => done = await cluster.UntilAsync(s => s.Status == SearchStatus.Completed));
        Assert.True(calls >= call, $"There were only {calls} calls.");
        Assert.Equal(4, done.Trials.Select(t => t.RunId).Distinct().Count());
        Assert.Equal([TrialStatus.Completed, TrialStatus.Completed, TrialStatus.Completed, TrialStatus.Completed], done.Trials.Select(t => t.Status));
        Assert.Equal([1, 2, 3, 4], done.Trials.Select(t => t.Order).Order());
        Assert.Equal(4, (await cluster.History.ListAsync(new RunQuery("rates", null, 0, 10))).Count);
        Assert.Equal(4, cluster.Workers.Started);
    }

    [Fact]
    public async Task A_trial_whose_node_was_owned_by_a_program_that_is_gone_waits_and_resuming_takes_it_up()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync();
        await cluster.RegisterAsync(owned: true);
        SearchRecord begun = await cluster.SweepAsync();
        FakeWorker worker = await cluster.WorkerAsync(1);
        await worker.ValuesAsync(1, 0.3);
        await worker.CheckpointAsync("checkpoint", 10);
        await cluster.RegisterAsync(incarnation: "second", owned: true);
        SearchRecord paused = await cluster.UntilAsync(s => s.Status == SearchStatus.Paused);
        Assert.Contains("lipsol sweep resume rates", paused.Reason);
        Assert.Equal(TrialStatus.Running, Assert.Single(paused.Trials).Status);

        await cluster.Search("rates").ResumeAsync();
        FakeWorker again = await cluster.Workers.OfAsync(begun.Trials[0].RunId);
        Assert.Equal("checkpoint", again.Start.ResumeFrom!.Artifact);
        await again.ValuesAsync(2, 0.6);
        await again.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        Assert.Equal(0.6, (await cluster.UntilAsync(s => s.Trials.Count == 2)).Trials[0].Objective);
    }

    [Fact]
    public async Task A_search_goes_on_when_one_of_two_nodes_dies_with_a_trial()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync(silos: 2);
        Orleans.TestingHost.InProcessSiloHandle dies = cluster.Orleans.Silos[1];
        await RegisterAsync(cluster, dies.Name);
        await RegisterAsync(cluster, cluster.Node);
        SearchRecord begun = await cluster.SweepAsync();
        FakeWorker[] workers = [await cluster.WorkerAsync(1), await cluster.WorkerAsync(2)];
        int lost = (await cluster.Run(begun.Trials[0].RunId).GetAsync())!.Node == dies.Name ? 0 : 1;
        await workers[lost].ValuesAsync(1, 0.9);
        await cluster.Orleans.KillSiloAsync(dies);

        // The run that the dead node had is queued again, and gets the slot that the other leaves.
        await EventuallyAsync(cluster, () => workers[1 - lost].CompleteAsync(0.5));
        FakeWorker again = await EventuallyAsync(cluster, () => cluster.Workers.OfAsync(begun.Trials[lost].RunId));
        await again.CompleteAsync(0.9, 0.8);
        for (int number = 3; number <= 4; number++) await (await EventuallyAsync(cluster, () => cluster.WorkerAsync(number))).CompleteAsync(0.1);
        SearchRecord done = await cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.Equal((lost + 1, 0.9), (done.Best, done.BestObjective));
        Assert.Equal(4, (await cluster.History.ListAsync(new RunQuery("rates", null, 0, 10))).Count);
        Assert.Equal(5, cluster.Workers.Started);
    }

    private static Task RegisterAsync(LipSolCluster cluster, string node) => cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(node, [new Slot(0, "cpu", 1)], $"first of {node}"));

    private static Task EventuallyAsync(LipSolCluster cluster, Func<Task> step) => EventuallyAsync(cluster, async () =>
    {
        await step();
        return true;
    });

    // Grains that died with a node come to life again where they are asked for, once the cluster knows of the death. What a node does every few seconds wakes the scheduler.
    private static async Task<T> EventuallyAsync<T>(LipSolCluster cluster, Func<Task<T>> step)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                await RegisterAsync(cluster, cluster.Node);
                return await step();
            }
            catch (Exception e) when (e is Orleans.Runtime.OrleansException or TimeoutException && !limit.IsCancellationRequested)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_reminder_wakes_a_search_that_goes_on_and_goes_away_with_it()
    {
        await using LipSolCluster cluster = await LipSolCluster.StartAsync();
        await cluster.RegisterAsync();
        await cluster.SweepAsync(SearchSteps.Definition.Replace("trials: 4", "trials: 1", StringComparison.Ordinal));
        Assert.Equal(1, cluster.Count("SELECT COUNT(*) FROM OrleansReminder WHERE ReminderName = 'go-on'"));
        await (await cluster.WorkerAsync(1)).CompleteAsync(0.5);
        await cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.Equal(0, cluster.Count("SELECT COUNT(*) FROM OrleansReminder WHERE ReminderName = 'go-on'"));
    }

    private static async Task PatientAsync(LipSolCluster cluster, Func<Task> step) => await PatientlyAsync(cluster, async () =>
    {
        await step();
        return true;
    });

    // The call that dies is told as an error to whoever asked: he asks again, of a grain that begins from its state.
    private static async Task<T> PatientlyAsync<T>(LipSolCluster cluster, Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (IOException)
        {
            await cluster.Orleans.DeactivateAsync(cluster.Search("rates"));
            return await step();
        }
    }
}
