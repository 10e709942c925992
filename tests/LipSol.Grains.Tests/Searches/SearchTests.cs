using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Contracts.Searches;
using LipSol.Grains.Searches;
using LipSol.Grains.Tests.Cluster;
using LipSol.Search;

namespace LipSol.Grains.Tests.Searches;

public sealed class SearchTests : IAsyncLifetime
{
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_search_trains_its_trials_as_ordinary_runs_and_finds_the_best()
    {
        await _cluster.RegisterAsync(slots: 2);
        SearchRecord begun = await _cluster.SweepAsync();
        Assert.Equal((SearchStatus.Running, 4, 2), (begun.Status, begun.Target, begun.Trials.Count));

        double[] best = [0.5, 0.9, 0.7, 0.6];
        for (int number = 1; number <= 4; number++) await (await _cluster.WorkerAsync(number)).CompleteAsync(0.1, best[number - 1], 0.3);
        SearchRecord done = await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.Equal(best, done.Trials.Select(t => t.Objective));
        Assert.Equal((2, 0.9, 3), (done.Best, done.BestObjective, done.Trials[1].Values));
        Assert.NotNull(done.EndedAt);

        RunRecord run = (await _cluster.Run(done.Trials[1].RunId).GetAsync())!;
        Assert.Equal(("rates", "rates 2", "word-tcn", "9"), (run.Spec.Experiment, run.Spec.Name, run.Spec.Network, run.Spec.Parameters["epochs"]));
        Assert.Equal(done.Trials[1].Parameters["rate"], run.Spec.Parameters["rate"]);
        Assert.Equal(("rates", "2"), (run.Tags["search"], run.Tags["trial"]));
        Assert.Equal(4, (await _cluster.History.ListAsync(new RunQuery("rates", null, 0, 10))).Count);
        SearchRecord listed = Assert.Single(await _cluster.Searches.ListAsync());
        Assert.Equal(("rates", 4, 0, 2), (listed.Name, listed.TrialCount, listed.Trials.Count, listed.Best));
    }

    [Fact]
    public async Task All_trials_of_a_search_train_the_source_that_a_network_had_when_it_was_started()
    {
        await _cluster.KeepNetworkAsync("own-net", "source-1");
        await _cluster.RegisterAsync();
        SearchRequest request = SearchSteps.Request(SearchSteps.Definition);
        await _cluster.Search("rates").StartAsync(request with { Template = request.Template with { Network = "own-net" } });
        FakeWorker first = await _cluster.WorkerAsync(1);
        await _cluster.KeepNetworkAsync("own-net", "source-2");
        await first.CompleteAsync(0.5);
        FakeWorker second = await _cluster.WorkerAsync(2);
        Assert.Equal(("own-net", "source-1", "source-1"), (second.Start.Spec.Network, first.Start.Spec.NetworkSource, second.Start.Spec.NetworkSource));
        // Whoever starts a run of it now gets what the name stands for now.
        string other = await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { Network = "own-net" }, "other");
        Assert.Equal("source-2", (await _cluster.Run(other).GetAsync())!.Spec.NetworkSource);
    }

    [Fact]
    public async Task No_more_trials_run_than_there_are_free_slots_and_than_it_asks_for()
    {
        await _cluster.RegisterAsync(slots: 3);
        FakeWorker other = await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("someone else's"));
        Assert.Equal(2, (await _cluster.SweepAsync()).Live().Count());
        await _cluster.WorkerAsync(1);
        await _cluster.WorkerAsync(2);
        // The other's slot is free: so is room for one more.
        await other.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("other"));
        await _cluster.UntilAsync(s => s.Live().Count() == 3);

        await _cluster.Search("narrow").StartAsync(SearchSteps.Request(SearchSteps.Definition.Replace("name: rates", "name: narrow\nparallel: 1", StringComparison.Ordinal)));
        await _cluster.Search("narrow").ReconcileAsync();
        Assert.Single((await _cluster.Search("narrow").GetAsync())!.Trials);
    }

    [Fact]
    public async Task Trials_that_need_a_GPU_are_no_more_than_there_are_GPUs()
    {
        Slot[] slots = [.. Enumerable.Range(0, 4).Select(i => new Slot(i, "cpu", 1)), new Slot(4, "cuda:0", 1), new Slot(5, "cuda:1", 1)];
        await _cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(_cluster.Node, [.. slots], "first"));
        SearchRequest request = SearchSteps.Request(SearchSteps.Definition);
        Assert.Equal(2, (await _cluster.Search("rates").StartAsync(request with { Template = request.Template with { Needs = new RunNeeds { Gpus = 1 } } })).Live().Count());
    }

    [Fact]
    public async Task Where_no_node_is_up_one_trial_waits_and_its_run_says_why()
    {
        SearchRecord begun = await _cluster.SweepAsync();
        await _cluster.Search("rates").ReconcileAsync();
        Assert.Single((await _cluster.Search("rates").GetAsync())!.Trials);
        Assert.Equal("no node is up", (await _cluster.Scheduler.GetAsync()).Queue.Single(q => q.RunId == begun.Trials[0].RunId).Waits);
    }

    [Fact]
    public async Task A_trial_that_is_not_among_the_best_at_its_rung_is_stopped_and_has_not_failed()
    {
        await _cluster.RegisterAsync(slots: 2);
        await _cluster.SweepAsync(SearchSteps.Definition + "\nasha: { min: 2, factor: 2 }");
        FakeWorker good = await _cluster.WorkerAsync(1), poor = await _cluster.WorkerAsync(2);
        await good.ValuesAsync(1, 0.5, 0.6);
        await _cluster.UntilAsync(s => s.Trials[0].Rungs.Count == 1);
        await poor.ValuesAsync(1, 0.2);
        await _cluster.UntilAsync(s => s.Trials[1].Values == 1);
        await poor.ValuesAsync(2, 0.3);
        SearchRecord judged = await _cluster.UntilAsync(s => s.Trials[1].Stopping is not null);
        await poor.StopAsked;
        Assert.Equal(new RungRecord(2, 0.3, 1, false), Assert.Single(judged.Trials[1].Rungs));
        Assert.Contains("stopped at rung 2: val_accuracy 0.3", judged.Trials[1].Stopping);

        // Three more values come before it has stopped: they change nothing of what was decided.
        await poor.ValuesAsync(3, 0.95, 0.95);
        await poor.EndAsync(RunStatus.Stopped);
        SearchRecord stopped = await _cluster.UntilAsync(s => s.Trials[1].Status == TrialStatus.Stopped);
        Assert.Equal(0.95, stopped.Trials[1].Objective);
        Assert.Equal(RunStatus.Stopped, (await _cluster.Run(stopped.Trials[1].RunId).GetAsync())!.Status);
        Assert.Equal(SearchStatus.Running, stopped.Status);
        // Its slot goes to the next, and the good one goes on to its end.
        await _cluster.WorkerAsync(3);
        await good.ValuesAsync(3, 0.7, 0.75);
        await good.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("good"));
        SearchRecord done = await _cluster.UntilAsync(s => s.Trials[0].Status == TrialStatus.Completed);
        Assert.Equal([2, 4], done.Trials[0].Rungs.Select(r => r.Values));
        // A trial that completed is preferred to one that was stopped, whatever that one had.
        Assert.Equal(1, done.Best);
    }

    [Fact]
    public async Task Pausing_lets_trials_end_and_begins_none_until_it_is_resumed()
    {
        await _cluster.RegisterAsync();
        await _cluster.SweepAsync();
        FakeWorker first = await _cluster.WorkerAsync(1);
        Assert.Equal(SearchStatus.Paused, (await _cluster.Search("rates").PauseAsync("lunch")).Status);
        await first.CompleteAsync(0.5);
        SearchRecord paused = await _cluster.UntilAsync(s => s.Trials[0].Status == TrialStatus.Completed);
        await _cluster.Search("rates").ReconcileAsync();
        Assert.Single(paused.Trials);
        Assert.Equal((SearchStatus.Paused, "lunch"), (paused.Status, paused.Reason));

        Assert.Equal(2, (await _cluster.Search("rates").ResumeAsync()).Trials.Count);
        Assert.Null((await _cluster.Search("rates").ResumeAsync()).Reason);
    }

    [Fact]
    public async Task More_trials_can_be_added_to_a_search_that_is_done()
    {
        await _cluster.RegisterAsync();
        await _cluster.SweepAsync(SearchSteps.Definition.Replace("trials: 4", "trials: 1", StringComparison.Ordinal));
        await (await _cluster.WorkerAsync(1)).CompleteAsync(0.5);
        await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").ResumeAsync());
        SearchRecord added = await _cluster.Search("rates").AddTrialsAsync(1, "once");
        // The answer got lost, and it's asked for again: also of a grain that knows it from its state alone.
        Assert.Equal(2, (await _cluster.Search("rates").AddTrialsAsync(1, "once")).Target);
        await _cluster.Orleans.DeactivateAsync(_cluster.Search("rates"));
        Assert.Equal(2, (await _cluster.Search("rates").AddTrialsAsync(1, "once")).Target);
        Assert.Equal((SearchStatus.Running, 2), (added.Status, added.Target));
        await (await _cluster.WorkerAsync(2)).CompleteAsync(0.6);
        Assert.Equal(2, (await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed)).Best);
        Assert.Contains("at most 2000", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").AddTrialsAsync(1999))).Message);
        Assert.Contains("give 1 or more", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").AddTrialsAsync(0))).Message);
    }

    [Fact]
    public async Task Stopping_a_search_stops_its_trials_and_it_can_go_on()
    {
        await _cluster.RegisterAsync();
        await _cluster.SweepAsync();
        FakeWorker first = await _cluster.WorkerAsync(1);
        await first.ValuesAsync(1, 0.4);
        Assert.Equal(SearchStatus.Stopped, (await _cluster.Search("rates").StopAsync("enough")).Status);
        await first.StopAsked;
        await first.EndAsync(RunStatus.Stopped);
        SearchRecord stopped = await _cluster.UntilAsync(s => !s.Live().Any());
        Assert.Equal((TrialStatus.Stopped, "the search was stopped: enough", 0.4), (stopped.Trials[0].Status, stopped.Trials[0].Reason, stopped.Trials[0].Objective));
        Assert.Single(stopped.Trials);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").PauseAsync("x"));
        await _cluster.Search("rates").ResumeAsync();
        await _cluster.WorkerAsync(2);
    }

    [Fact]
    public async Task After_failures_in_a_row_it_gives_up_and_says_why()
    {
        await _cluster.RegisterAsync(slots: 1);
        await _cluster.SweepAsync(SearchSteps.Definition.Replace("trials: 4", "trials: 9\nfailures: 2", StringComparison.Ordinal));
        await (await _cluster.WorkerAsync(1)).EndAsync(RunStatus.Failed, "out of memory");
        await (await _cluster.WorkerAsync(2)).CompleteAsync(0.5);
        await (await _cluster.WorkerAsync(3)).EndAsync(RunStatus.Failed, "out of memory");
        // One that crashes is started again first, as its restarts say, and fails then.
        FakeWorker fourth = await _cluster.WorkerAsync(4);
        await fourth.EndAsync(RunStatus.Interrupted, "killed by signal 9");
        await (await _cluster.Workers.OfAsync(fourth.Start.RunId)).EndAsync(RunStatus.Interrupted, "killed by signal 9");
        SearchRecord failed = await _cluster.UntilAsync(s => s.Status == SearchStatus.Failed);
        Assert.Equal([TrialStatus.Failed, TrialStatus.Completed, TrialStatus.Failed, TrialStatus.Failed], failed.Trials.Select(t => t.Status));
        Assert.Contains("2 trials failed one behind the other; the last, trial 4", failed.Reason);
        Assert.Contains("killed by signal 9", failed.Reason);
        Assert.Contains("lipsol sweep resume rates", failed.Reason);
        Assert.Equal("out of memory", failed.Trials[0].Reason);
        // Resumed, it counts anew.
        await _cluster.Search("rates").ResumeAsync();
        await (await _cluster.WorkerAsync(5)).EndAsync(RunStatus.Failed, "again");
        Assert.Equal(SearchStatus.Running, (await _cluster.UntilAsync(s => s.Trials.Count == 6)).Status);
    }

    [Fact]
    public async Task A_metric_that_never_appears_and_an_objective_that_is_no_number_fail_the_trial_with_the_reason()
    {
        await _cluster.RegisterAsync(slots: 4);
        await _cluster.SweepAsync(SearchSteps.Definition + "\nfailures: 4");
        FakeWorker without = await _cluster.WorkerAsync(1);
        await without.MetricsAsync(1, ("val_loss", 1, 0.5), ("train_loss", 1, 0.5));
        await without.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("a"));
        await (await _cluster.WorkerAsync(2)).CompleteAsync(double.NaN, double.NaN);
        await (await _cluster.WorkerAsync(3)).CompleteAsync(0.5, double.PositiveInfinity);
        await (await _cluster.WorkerAsync(4)).CompleteAsync(0.5, double.NaN);
        SearchRecord done = await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.Equal([TrialStatus.Failed, TrialStatus.Failed, TrialStatus.Failed, TrialStatus.Completed], done.Trials.Select(t => t.Status));
        Assert.Equal("its run has no metric val_accuracy. It has train_loss, val_loss.", done.Trials[0].Reason);
        Assert.Equal("its objective is no number: val_accuracy was NaN at each of its 2 values", done.Trials[1].Reason);
        Assert.Contains("infinite", done.Trials[2].Reason);
        Assert.Equal((4, 0.5), (done.Best, done.BestObjective));
    }

    [Fact]
    public async Task A_trial_whose_objective_is_no_number_at_a_rung_is_stopped_and_has_failed()
    {
        await _cluster.RegisterAsync();
        await _cluster.SweepAsync(SearchSteps.Definition + "\nasha: { min: 2, factor: 2 }");
        FakeWorker worker = await _cluster.WorkerAsync(1);
        await worker.ValuesAsync(1, double.NaN, double.NaN);
        await _cluster.UntilAsync(s => s.Trials[0].Stopping is not null);
        await worker.StopAsked;
        await worker.EndAsync(RunStatus.Stopped);
        Assert.Contains("no number", (await _cluster.UntilAsync(s => s.Trials[0].Status == TrialStatus.Failed)).Trials[0].Reason);
    }

    [Fact]
    public async Task A_trial_whose_objective_is_infinite_at_a_rung_is_stopped_and_has_failed_and_rules_nobody_else()
    {
        await _cluster.RegisterAsync();
        await _cluster.SweepAsync(SearchSteps.Definition + "\nasha: { min: 2, factor: 2 }");
        FakeWorker worker = await _cluster.WorkerAsync(1);
        await worker.ValuesAsync(1, double.PositiveInfinity, double.PositiveInfinity);
        await _cluster.UntilAsync(s => s.Trials[0].Stopping is not null);
        await worker.EndAsync(RunStatus.Stopped);
        Assert.Equal("val_accuracy became infinite by its value 2", (await _cluster.UntilAsync(s => s.Trials[0].Status == TrialStatus.Failed)).Trials[0].Reason);
        await (await _cluster.WorkerAsync(2)).ValuesAsync(1, 0.1, 0.2);
        Assert.True((await _cluster.UntilAsync(s => s.Trials[1].Rungs.Count == 1)).Trials[1].Rungs[0].WentOn);
    }

    [Fact]
    public async Task A_value_that_could_not_be_read_is_judged_at_the_next_look()
    {
        await _cluster.RegisterAsync(slots: 2);
        await _cluster.SweepAsync(SearchSteps.Definition + "\nasha: { min: 1, factor: 2 }");
        FakeWorker good = await _cluster.WorkerAsync(1), poor = await _cluster.WorkerAsync(2);
        await good.ValuesAsync(1, 0.5);
        await _cluster.UntilAsync(s => s.Trials[0].Rungs.Count == 1);
        _cluster.Answers.RefuseNextReading();
        await poor.ValuesAsync(1, 0.1);
        // Whoever looks first (it's told of the value as well) can't read it; no further value comes.
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (_cluster.Answers.StillToRefuse)
        {
            try
            {
                await _cluster.Search("rates").ReconcileAsync().WaitAsync(limit.Token);
            }
            catch (IOException)
            {
                break;
            }
        }
        await _cluster.UntilAsync(s => s.Trials[1].Stopping is not null);
        await poor.StopAsked;
    }

    [Fact]
    public async Task A_grid_that_is_gone_through_is_done()
    {
        await _cluster.RegisterAsync(slots: 2);
        SearchRecord begun = await _cluster.SweepAsync(SearchSteps.Definition.Replace("method: random\ntrials: 4", "method: grid", StringComparison.Ordinal).Replace("log: true", "log: true, points: 3", StringComparison.Ordinal));
        Assert.Equal(3, begun.Target);
        for (int number = 1; number <= 3; number++) await (await _cluster.WorkerAsync(number)).CompleteAsync(0.1 * number);
        SearchRecord done = await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.Equal(["0.001", "0.01", "0.1"], done.Trials.Select(t => t.Parameters["rate"]));
        Assert.Contains("Every configuration", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").AddTrialsAsync(1))).Message);
    }

    [Fact]
    public async Task The_same_definition_is_the_same_search_and_what_cannot_be_one_is_refused()
    {
        await _cluster.SweepAsync();
        Assert.Equal(1, (await _cluster.SweepAsync()).TrialCount);
        Assert.Contains("another definition", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.SweepAsync(SearchSteps.Definition.Replace("seed: 3", "seed: 4", StringComparison.Ordinal)))).Message);
        SearchRequest request = SearchSteps.Request(SearchSteps.Definition);
        Assert.Contains("different data", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("rates").StartAsync(request with { Template = request.Template with { DataHash = "other" } }))).Message);
        Assert.Contains("line 8: rate goes from 0.1 to 0.001", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.SweepAsync(SearchSteps.Definition.Replace("[0.001, 0.1]", "[0.1, 0.001]", StringComparison.Ordinal)))).Message);
        Assert.Contains("of the search rates, not of other", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("other").StartAsync(request))).Message);
        Assert.Null(await _cluster.Search("other").GetAsync());
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Search("other").StopAsync("x"));
    }

    [Fact]
    public async Task A_run_that_someone_stops_by_hand_counts_as_stopped()
    {
        await _cluster.RegisterAsync();
        SearchRecord begun = await _cluster.SweepAsync();
        FakeWorker worker = await _cluster.WorkerAsync(1);
        await worker.ValuesAsync(1, 0.4);
        await _cluster.Run(begun.Trials[0].RunId).StopAsync("by hand");
        await worker.EndAsync(RunStatus.Stopped);
        SearchRecord stopped = await _cluster.UntilAsync(s => s.Trials[0].Status == TrialStatus.Stopped);
        Assert.Equal(("by hand", 0.4), (stopped.Trials[0].Reason, stopped.Trials[0].Objective));
    }

    [Fact]
    public async Task What_a_proposal_followed_from_is_recorded_so_that_it_can_be_made_again()
    {
        await _cluster.RegisterAsync(slots: 3);
        await _cluster.SweepAsync(SearchSteps.Definition.Replace("method: random\ntrials: 4", "method: tpe\ntrials: 12\ntpe: { startup: 3 }", StringComparison.Ordinal));
        var random = new Random(1);
        var running = new List<(int Number, FakeWorker Worker)>();
        for (int next = 1; next <= 12 || running.Count > 0;)
        {
            while (running.Count < 3 && next <= 12) running.Add((next, await _cluster.WorkerAsync(next++)));
            int which = random.Next(running.Count);
            await running[which].Worker.CompleteAsync(random.NextDouble());
            int ended = running[which].Number;
            running.RemoveAt(which);
            await _cluster.UntilAsync(s => s.Trials[ended - 1].Status == TrialStatus.Completed);
        }
        SearchRecord done = await _cluster.UntilAsync(s => s.Status == SearchStatus.Completed);
        Assert.NotEqual(Enumerable.Range(1, 12), done.Trials.Select(t => t.Order));
        Sampler sampler = Sampler.Of(DefinitionReader.Read(done.Definition));
        foreach (TrialRecord trial in done.Trials)
            Assert.Equal(trial.Parameters, sampler.Propose(trial.Number, SearchRules.Past(done.Trials.Take(trial.Number - 1), trial.Known))!);
    }
}
