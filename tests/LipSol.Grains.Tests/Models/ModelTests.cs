using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Models;

public sealed class ModelTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private static readonly ReadRequest Clip = new([1, 2, 3], null, null);
    private static readonly GatePolicy Policy = new() { Threshold = 0.8 };

    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync();
        await _cluster.RegisterAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_completed_run_becomes_one_version_however_often_it_is_registered()
    {
        string run = await CompleteAsync("a", Reads(correct: 90));
        ModelVersion[] versions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _cluster.Model(Name).RegisterAsync(run)));
        Assert.All(versions, v => Assert.Equal((1, run), (v.Version, v.RunId)));
        Assert.Equal(2, (await _cluster.Model(Name).RegisterAsync(await CompleteAsync("b", Reads(correct: 91)))).Version);

        ModelRecord model = Assert.Single(await _cluster.Registry.ListAsync());
        Assert.Equal(2, model.Versions.Count);
        Assert.Equal(2, model.Aliases["candidate"]);
        ModelVersion? version = await _cluster.Orleans.Client.GetGrain<IModelVersionGrain>($"{Name}/1").GetAsync();
        Assert.Equal("a", version!.Outcome.ModelArtifact);
    }

    [Fact]
    public async Task What_cannot_be_registered_is_refused_with_the_reason()
    {
        string running = await _cluster.StartRunAsync("running");
        Assert.Contains("only a completed run", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).RegisterAsync(running))).Message);
        Assert.Contains("no run", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).RegisterAsync("none"))).Message);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model("a/b").RegisterAsync(running));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).PromoteAsync(1, Policy));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).RollbackAsync("?"));
        Assert.Null(await _cluster.Model(Name).GetAsync());
    }

    [Fact]
    public async Task Where_nothing_is_in_production_the_threshold_alone_decides()
    {
        await RegisterAsync("weak", Reads(correct: 79));
        await RegisterAsync("fair", Reads(correct: 80));
        PromotionDecision refused = await _cluster.Model(Name).PromoteAsync(1, Policy);
        Assert.False(refused.Promoted);
        Assert.Equal(0.79, refused.Candidate!.Value.Value, 3);
        Assert.Contains("misses the threshold", refused.Reason);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Reader(Name).ReadAsync(Clip, null));

        PromotionDecision promoted = await _cluster.Model(Name).PromoteAsync(2, Policy);
        Assert.True(promoted.Promoted);
        Assert.Null(promoted.Production);
        Reading reading = await _cluster.Reader(Name).ReadAsync(Clip, null);
        Assert.Equal(("fair", Name, 2, _cluster.Node), (reading.Text, reading.Model, reading.Version, reading.Node));
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, Policy)).Promoted);
        Assert.Equal(2, (await _cluster.Model(Name).GetAsync())!.Promotions.Count);
    }

    [Fact]
    public async Task A_better_version_goes_into_production_with_the_evidence()
    {
        await InProductionAsync("old", Reads(correct: 82));
        await RegisterAsync("new", Reads(correct: 95));
        PromotionDecision decision = await _cluster.Model(Name).PromoteAsync(2, Policy);
        Assert.True(decision.Promoted);
        Assert.Equal((0.95, 0.82), (Math.Round(decision.Candidate!.Value.Value, 3), Math.Round(decision.Production!.Value.Value, 3)));
        Assert.True(decision.ProbabilityBetter >= 0.95);
        Assert.Equal(1, decision.PreviousVersion);
        Assert.Equal("new", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
        Assert.Equal("old", (await _cluster.Reader(Name).ReadAsync(Clip, 1)).Text);
    }

    [Fact]
    public async Task A_refused_promotion_keeps_production_and_the_candidate()
    {
        await InProductionAsync("old", Reads(correct: 90));
        await RegisterAsync("new", Reads(correct: 90, from: 1));
        PromotionDecision decision = await _cluster.Model(Name).PromoteAsync(2, Policy);
        Assert.False(decision.Promoted);
        Assert.InRange(decision.ProbabilityBetter!.Value, 0.05, 0.94);
        Assert.Contains("from that of version 1", decision.Reason);

        ModelRecord model = (await _cluster.Model(Name).GetAsync())!;
        Assert.Equal((1, 2), (model.Aliases["production"], model.Aliases["candidate"]));
        Assert.Equal(decision.Reason, model.Promotions[^1].Reason);
        Assert.Equal("old", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
    }

    [Fact]
    public async Task A_version_measured_on_other_test_data_is_measured_again_on_the_candidates()
    {
        Evaluation others = Reads(correct: 99, data: "data-1", prefix: "old");
        await InProductionAsync("old", others);
        Evaluation ours = Reads(correct: 95, data: "data-2");
        await RegisterAsync("new", ours);
        _cluster.Models.OnOtherData[("old", "data-2")] = Reads(correct: 81, data: "data-2");

        PromotionDecision decision = await _cluster.Model(Name).PromoteAsync(2, Policy);
        Assert.True(decision.Promoted);
        Assert.Equal(["old on data-2"], _cluster.Models.Evaluated);
        Assert.Equal(0.81, decision.Production!.Value.Value, 3);
    }

    [Fact]
    public async Task Lower_is_better_for_error_rates()
    {
        await InProductionAsync("old", Reads(correct: 82));
        await RegisterAsync("new", Reads(correct: 95));
        GatePolicy wer = Policy with { Metric = "wer", Threshold = 0.1 };
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, wer)).Promoted);
        Assert.False((await _cluster.Model(Name).PromoteAsync(1, wer)).Promoted);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_applied_is_refused()
    {
        await RegisterAsync("a", Reads(correct: 90));
        foreach (GatePolicy policy in new[] { Policy with { Metric = "beauty" }, Policy with { Confidence = 1.5 }, Policy with { Threshold = double.NaN }, Policy with { Metric = "wer.speaker:nobody" } })
            await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).PromoteAsync(1, policy));
        Assert.Empty((await _cluster.Model(Name).GetAsync())!.Promotions);
    }

    [Fact]
    public async Task A_version_that_a_node_cannot_load_does_not_go_into_production()
    {
        await InProductionAsync("old", Reads(correct: 82));
        await RegisterAsync("new", Reads(correct: 95));
        _cluster.Models.Broken["new"] = new InvalidDataException("model.onnx is cut off");
        PromotionDecision decision = await _cluster.Model(Name).PromoteAsync(2, Policy);
        Assert.False(decision.Promoted);
        Assert.Contains("model.onnx is cut off", decision.Reason);
        Assert.Equal("old", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
    }

    [Fact]
    public async Task Rolling_back_returns_to_the_version_before_step_by_step()
    {
        await InProductionAsync("a", Reads(correct: 82));
        await RegisterAsync("b", Reads(correct: 92));
        await RegisterAsync("c", Reads(correct: 100));
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, Policy)).Promoted);
        Assert.True((await _cluster.Model(Name).PromoteAsync(3, Policy)).Promoted);

        PromotionDecision back = await _cluster.Model(Name).RollbackAsync("it mixes up numbers");
        Assert.Equal((2, 3), (back.Version, back.PreviousVersion));
        Assert.Contains("mixes up numbers", back.Reason);
        Assert.Equal("b", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
        await _cluster.Model(Name).RollbackAsync("");
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).RollbackAsync(""));
        Assert.Equal(5, (await _cluster.Model(Name).GetAsync())!.Promotions.Count);
    }

    [Fact]
    public async Task A_promotion_drops_no_request_and_sends_none_to_a_cold_replica()
    {
        await InProductionAsync("a", Reads(correct: 82));
        await RegisterAsync("b", Reads(correct: 98));
        await _cluster.Reader(Name).ReadAsync(Clip, null);
        int cold = _cluster.Models.ColdReads;
        _cluster.Models.Reading = async _ => await Task.Yield();

        using var enough = new CancellationTokenSource();
        var read = new System.Collections.Concurrent.ConcurrentBag<string>();
        Task[] readers = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                Reading reading = await _cluster.Reader(Name).ReadAsync(Clip, null);
                Assert.Equal(reading.Version == 1 ? "a" : "b", reading.Text);
                read.Add(reading.Text);
            }
        }))];
        for (int i = 0; i < 5; i++)
        {
            int before = read.Count;
            while (read.Count < before + 50) await Task.Yield();
            Assert.True((await _cluster.Model(Name).PromoteAsync(2, Policy)).Promoted);
            Assert.Equal("b", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
            before = read.Count;
            while (read.Count < before + 50) await Task.Yield();
            Assert.Equal(1, (await _cluster.Model(Name).RollbackAsync("on with the test")).Version);
            Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
        }
        await enough.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Contains("a", read);
        Assert.Contains("b", read);
        Assert.Equal(0, _cluster.Models.ColdReads - cold);
    }

    [Fact]
    public async Task A_request_under_way_is_answered_by_the_version_it_was_sent_to()
    {
        await InProductionAsync("a", Reads(correct: 82));
        await RegisterAsync("b", Reads(correct: 98));
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        _cluster.Models.Reading = model =>
        {
            if (model != "a") return Task.CompletedTask;
            entered.TrySetResult();
            return gate.Task;
        };
        Task<Reading> slow = _cluster.Reader(Name).ReadAsync(Clip, null);
        await entered.Task.WaitAsync(Patience.Limit);
        Assert.True((await _cluster.Model(Name).PromoteAsync(2, Policy)).Promoted);
        Assert.Equal("b", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
        gate.SetResult();
        Assert.Equal(("a", 1), ((await slow).Text, (await slow).Version));
    }

    [Fact]
    public async Task Production_survives_a_new_start_of_every_grain()
    {
        await InProductionAsync("a", Reads(correct: 90));
        await _cluster.Orleans.DeactivateAsync(_cluster.Model(Name));
        await _cluster.Orleans.DeactivateAsync(_cluster.Orleans.Client.GetGrain<IReplicaGrain>($"{Name}/1@{_cluster.Node}"));
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(Clip, null)).Text);
    }

    [Fact]
    public async Task What_a_model_cannot_read_is_told_to_the_caller_with_its_kind()
    {
        await InProductionAsync("a", Reads(correct: 90));
        var e = await Assert.ThrowsAsync<UnreadableInputException>(() => _cluster.Reader(Name).ReadAsync(new ReadRequest([], null, null), null));
        Assert.Equal(("The clip is empty.", "empty"), (e.Message, e.Reason));
        Assert.Contains("no model version", (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Reader(Name).ReadAsync(Clip, 7))).Message);
    }

    [Fact]
    public async Task What_a_busy_node_says_of_when_to_come_back_reaches_the_caller()
    {
        await InProductionAsync("a", Reads(correct: 90));
        _cluster.Models.Reading = _ => Task.FromException(new OverloadedException("busy", TimeSpan.FromSeconds(1.5)));
        Assert.Equal(TimeSpan.FromSeconds(1.5), (await Assert.ThrowsAsync<OverloadedException>(() => _cluster.Reader(Name).ReadAsync(Clip, null))).RetryAfter);
        _cluster.Models.Reading = _ => Task.FromException(new TooLateException("late"));
        Assert.Equal("late", (await Assert.ThrowsAsync<TooLateException>(() => _cluster.Reader(Name).ReadAsync(Clip, null))).Message);
    }

    [Fact]
    public async Task What_the_only_node_fails_on_is_told_at_once()
    {
        await InProductionAsync("a", Reads(correct: 90));
        int asked = 0;
        _cluster.Models.Failing = (_, _) => new InvalidDataException($"broken {Interlocked.Increment(ref asked)}");
        await Assert.ThrowsAsync<InvalidDataException>(() => _cluster.Reader(Name).ReadAsync(Clip, null));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task An_alias_points_at_a_version_and_production_is_not_one_to_set()
    {
        await RegisterAsync("a", Reads(correct: 90));
        await _cluster.Model(Name).SetAliasAsync("shown at Lahore", 1);
        Assert.Equal(1, (await _cluster.Model(Name).GetAsync())!.Aliases["shown at Lahore"]);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).SetAliasAsync("production", 1));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).SetAliasAsync("x", 2));
    }

    // 100 one-word samples of which `correct` are read rightly, beginning at sample `from`.
    private static Evaluation Reads(int correct, int from = 0, string data = "data", string prefix = "clip") => EvaluationFile.Create(data,
        Enumerable.Range(0, 100).Select(i => new EvaluatedSample($"{prefix}{i:000}", $"s{i % 4}", i % 4 < 3, "ایک", (i - from + 100) % 100 < correct ? "ایک" : "دو", 0.9)));

    private async Task InProductionAsync(string model, Evaluation evaluation)
    {
        await RegisterAsync(model, evaluation);
        Assert.True((await _cluster.Model(Name).PromoteAsync(1, Policy)).Promoted);
    }

    private async Task RegisterAsync(string model, Evaluation evaluation) =>
        await _cluster.Model(Name).RegisterAsync(await CompleteAsync(model, evaluation));

    private async Task<string> CompleteAsync(string model, Evaluation evaluation)
    {
        string run = await _cluster.StartRunAsync(model);
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome(model, _cluster.Models.Keep(evaluation)));
        return run;
    }
}
