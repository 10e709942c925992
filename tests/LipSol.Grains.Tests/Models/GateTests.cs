using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Models.Gate;
using LipSol.Grains.Tests.Cluster;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Tests.Models;

/// <summary>
/// The gate on known numbers. Of 100 clips of one speaker, production misreads the last 20 and a candidate k fewer, never another one: then a resample holds none of those k with (1 − k/100)^100, so the candidate is better in
/// 1 − ½ (1 − k/100)^100 of resamples.
/// </summary>
public sealed class GateTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private static readonly GatePolicy Policy = new() { Threshold = 0.5 };

    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync();
        await _cluster.RegisterAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private IModelGrain Model => _cluster.Model(Name);

    [Fact]
    public async Task What_could_be_luck_is_refused_and_what_is_not_passes()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("two more", Reads(82));
        await RegisterAsync("three more", Reads(83));

        PromotionDecision luck = await Model.PromoteAsync(2, Policy);
        Assert.False(luck.Promoted);
        Assert.Equal(1 - 0.5 * Math.Pow(0.98, 100), luck.ProbabilityBetter!.Value, 0.015);
        Assert.Contains("95.0 % are asked for", luck.Reason);
        GateComparison compared = luck.Evidence!.Comparison!;
        Assert.Equal((false, 100, 2000, false), (compared.Passes, compared.Clips, compared.Resamples, compared.MeasuredForThis));
        Assert.Equal(0.02, compared.Difference.Value, 12);
        Assert.Equal(0, compared.Difference.Low);
        Assert.InRange(compared.Difference.High, 0.04, 0.06);

        PromotionDecision unsure = await Model.PromoteAsync(3, Policy with { Confidence = 0.99 });
        Assert.False(unsure.Promoted);
        Assert.Equal(1 - 0.5 * Math.Pow(0.97, 100), unsure.ProbabilityBetter!.Value, 0.01);
        ModelRecord record = (await Model.GetAsync())!;
        Assert.Equal((1, 3), (record.Aliases["production"], record.Aliases["candidate"]));

        PromotionDecision better = await Model.PromoteAsync(3, Policy);
        Assert.True(better.Promoted, better.Reason);
        Assert.Equal(unsure.ProbabilityBetter, better.ProbabilityBetter);
        Assert.Equal((0.83, 0.80), (Math.Round(better.Candidate!.Value.Value, 6), Math.Round(better.Production!.Value.Value, 6)));
    }

    [Fact]
    public async Task One_that_is_as_good_is_refused()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(80));
        PromotionDecision equal = await Model.PromoteAsync(2, Policy);
        Assert.Equal((false, 0.5), (equal.Promoted, equal.ProbabilityBetter));
        Assert.Contains("differs from that of version 1 by 0 ", equal.Reason);
    }

    [Fact]
    public async Task A_few_clips_prove_nothing_however_they_are_read()
    {
        await InProductionAsync("old", Reads(0, of: 3), Policy with { Threshold = null });
        await RegisterAsync("new", Reads(3, of: 3));
        PromotionDecision refused = await Model.PromoteAsync(2, Policy);
        Assert.False(refused.Promoted);
        Assert.Equal(1, refused.ProbabilityBetter);
        Assert.Contains("3 test clips can't show that it's better", refused.Reason);
        Assert.Contains("12.5 % of cases", refused.Reason);
        Assert.True((await Model.PromoteAsync(2, Policy with { Confidence = 0.8 })).Promoted);
    }

    [Fact]
    public async Task Every_threshold_must_be_reached_and_the_evidence_holds_them_all()
    {
        Evaluation evaluation = Reads(80, unseen: 20);
        await RegisterAsync("a", evaluation);
        GatePolicy policy = Policy with { Thresholds = new() { ["wer"] = 0.25, ["word_accuracy.unseen"] = 0.1, ["cer.speaker:s"] = 0.3 } };
        PromotionDecision refused = await Model.PromoteAsync(1, policy);
        Assert.False(refused.Promoted);
        Assert.Contains("word_accuracy.unseen is 0 ", refused.Reason);
        GateEvidence evidence = refused.Evidence!;
        Assert.Equal([("word_accuracy", true), ("cer.speaker:s", true), ("wer", true), ("word_accuracy.unseen", false)], evidence.Checks.Select(c => (c.Metric, c.Passes)));
        Assert.Equal((false, "data", evaluation.TestHash), (evidence.Passes, evidence.DataHash, evidence.TestHash));
        Assert.Null(evidence.Comparison);
        Assert.False((await Model.GetAsync())!.Aliases.ContainsKey("production"));

        Assert.True((await Model.PromoteAsync(1, policy with { Thresholds = new() { ["wer"] = 0.25, ["word_accuracy.seen"] = 1 } })).Promoted);
        PromotionDecision kept = (await Model.GetHistoryAsync(1, 1)).Entries.Single();
        Assert.Equal((refused.Reason, 4), (kept.Reason, kept.Evidence!.Checks.Count));
    }

    [Fact]
    public async Task One_that_is_better_and_misses_a_threshold_is_refused_with_the_comparison()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(95));
        PromotionDecision refused = await Model.PromoteAsync(2, Policy with { Threshold = 0.96 });
        Assert.False(refused.Promoted);
        Assert.True(refused.Evidence!.Comparison!.Passes);
        Assert.True((await Model.PromoteAsync(2, Policy with { Threshold = null })).Promoted);
    }

    [Theory]
    [InlineData("wer", double.NaN)]
    [InlineData("wer", double.PositiveInfinity)]
    [InlineData("beauty", 1)]
    public async Task A_threshold_that_makes_no_sense_is_refused(string metric, double threshold)
    {
        await RegisterAsync("a", Reads(80));
        await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(1, Policy with { Thresholds = new() { [metric] = threshold } }));
        Assert.Empty((await Model.GetAsync())!.Promotions);
    }

    [Fact]
    public void A_figure_that_is_no_number_reaches_no_threshold()
    {
        foreach (string metric in new[] { "word_accuracy", "wer" })
        {
            GateCheck check = ThresholdPolicy.Judge(Metric.Parse(metric), new Estimate(double.NaN, double.NaN, double.NaN, 10), 0.5);
            Assert.False(check.Passes);
            Assert.Contains("is NaN", ThresholdPolicy.Tell(check));
        }
        var unknown = new Figure(double.NaN, double.NaN, double.NaN, 10);
        Assert.False(BeatsProductionPolicy.Judge(Metric.Parse("wer"), 1, new ComparedFigure(unknown, unknown, unknown, double.NaN, 100), 0.5).Passes);
    }

    [Fact]
    public async Task A_version_without_its_results_clip_by_clip_is_not_judged()
    {
        await InProductionAsync("old", Reads(80));
        string hash = await RegisterAsync("new", Reads(95));
        _cluster.Models.Lose(hash);
        string told = (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(2, Policy, key: "once"))).Message;
        Assert.Contains("Version 2 of urdu-words can't be judged", told);
        Assert.Contains(hash, told);
        Assert.Contains("Bring the artifact back", told);
        string damaged = await RegisterAsync("damaged", EvaluationFile.ToBytes(Reads(95))[..^20]);
        Assert.Contains("Not an evaluation", (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(3, Policy))).Message);
        Assert.NotEqual(hash, damaged);
        ModelRecord record = (await Model.GetAsync())!;
        Assert.Equal((1, 1), (record.Aliases["production"], record.Promotions.Count));
    }

    [Fact]
    public async Task Results_with_nothing_said_in_them_are_refused()
    {
        await RegisterAsync("silent", EvaluationFile.Create("data", [new EvaluatedSample("c", "s", true, "", "ایک", 1)]));
        Assert.Contains("gives no figures", (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(1, Policy))).Message);
    }

    [Fact]
    public async Task Where_productions_results_are_of_other_clips_or_lost_it_is_measured_on_the_candidates_and_that_is_kept()
    {
        string hash = await RegisterAsync("old", Reads(80, data: "data-1", prefix: "old"));
        Assert.True((await Model.PromoteAsync(1, Policy)).Promoted);
        await RegisterAsync("new", Reads(95, data: "data-2"));
        Assert.Contains("can't be measured on them (data data-2)", (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(2, Policy))).Message);

        Evaluation measured = Reads(94, data: "data-2");
        _cluster.Models.OnOtherData[("old", "data-2")] = measured;
        PromotionDecision decision = await Model.PromoteAsync(2, Policy);
        Assert.False(decision.Promoted);
        Assert.Equal(0.94, decision.Production!.Value.Value, 12);
        GateComparison compared = decision.Evidence!.Comparison!;
        Assert.True(compared.MeasuredForThis);
        Assert.Equal(EvaluationFile.ToBytes(measured), await _cluster.Models.ReadAsync(compared.Evaluation, CancellationToken.None));

        _cluster.Models.Lose(hash);
        Assert.True((await Model.PromoteAsync(2, Policy with { Confidence = 0.8 })).Promoted);
    }

    [Fact]
    public async Task Where_no_clip_is_of_a_speaker_new_to_both_they_are_not_compared_on_such()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(95, unseen: 50));
        Assert.Contains("Compare by word_accuracy", (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(2, Policy with { Metric = "word_accuracy.unseen" }))).Message);
    }

    [Fact]
    public async Task Under_one_key_there_is_one_promotion_however_often_it_is_asked_for()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(95));
        PromotionDecision[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Model.PromoteAsync(new PromotionRequest { Version = 2, Policy = Policy, Key = "pipeline-7", By = "amina", Note = "daily" })));
        Assert.Single(all.Select(d => d.Time).Distinct());
        Assert.All(all, d => Assert.Equal((true, "pipeline-7", "amina", "daily"), (d.Promoted, d.Key, d.By, d.Note)));
        Assert.Single((await Model.GetHistoryAsync(0, 100)).Entries, d => d.Key == "pipeline-7");

        // Someone has gone back since: what was asked for once isn't done again.
        await Model.RollbackAsync("it mixes up numbers");
        await _cluster.Orleans.DeactivateAsync(Model);
        PromotionDecision again = await Model.PromoteAsync(2, Policy, key: "pipeline-7");
        Assert.Equal((true, all[0].Time), (again.Promoted, again.Time));
        Assert.Equal(1, (await Model.GetAsync())!.Aliases["production"]);
        Assert.Contains("is that of the promotion of version 2", (await Assert.ThrowsAsync<RefusedException>(() => Model.PromoteAsync(1, Policy, key: "pipeline-7"))).Message);
        Assert.True((await Model.PromoteAsync(2, Policy, key: "pipeline-8")).Promoted);
    }

    [Fact]
    public async Task A_refusal_under_a_key_stays_one_and_one_that_a_node_could_not_load_is_tried_again()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("as good", Reads(80));
        PromotionDecision refused = await Model.PromoteAsync(2, Policy, key: "a");
        Assert.False(refused.Promoted);
        PromotionDecision asked = await Model.PromoteAsync(2, Policy with { Confidence = 0.4 }, key: "a");
        Assert.Equal((false, refused.Time), (asked.Promoted, asked.Time));

        await RegisterAsync("better", Reads(95));
        _cluster.Models.Broken["better"] = new IOException("the disk is full");
        PromotionDecision unloaded = await Model.PromoteAsync(3, Policy, key: "b");
        Assert.Equal((false, true), (unloaded.Promoted, unloaded.Evidence!.Passes));
        _cluster.Models.Broken.Clear();
        Assert.True((await Model.PromoteAsync(3, Policy, key: "b")).Promoted);
        Assert.True((await Model.PromoteAsync(3, Policy, key: "b")).Promoted);
        Assert.Equal(2, (await Model.GetHistoryAsync(0, 100)).Entries.Count(d => d.Key == "b"));
    }

    [Fact]
    public async Task What_is_in_production_already_takes_the_key_so_that_it_promotes_nothing_later()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(95));
        Assert.True((await Model.PromoteAsync(2, Policy)).Promoted);
        Assert.Contains("in production already", (await Model.PromoteAsync(2, Policy, key: "late")).Reason);
        await Model.RollbackAsync("");
        Assert.Contains("in production already", (await Model.PromoteAsync(2, Policy, key: "late")).Reason);
        Assert.Equal(1, (await Model.GetAsync())!.Aliases["production"]);
    }

    [Fact]
    public async Task A_key_is_known_however_much_came_after_it()
    {
        await InProductionAsync("old", Reads(80));
        await RegisterAsync("new", Reads(95));
        PromotionDecision promoted = await Model.PromoteAsync(2, Policy, key: "long ago");
        await Model.RollbackAsync("");
        for (int i = 0; i < 400; i++) await Model.SetAliasAsync("shown", 1 + i % 2);
        Assert.Equal(promoted.Time, (await Model.PromoteAsync(2, Policy, key: "long ago")).Time);
        Assert.Equal(1, (await Model.GetAsync())!.Aliases["production"]);
    }

    // One-word samples of which the first `correct` are read rightly; the last `unseen` are of a speaker not trained on.
    private static Evaluation Reads(int correct, int of = 100, int unseen = 0, string data = "data", string prefix = "clip") => EvaluationFile.Create(data,
        Enumerable.Range(0, of).Select(i => new EvaluatedSample($"{prefix}{i:000}", i < of - unseen ? "s" : "other", i < of - unseen, "ایک", i < correct ? "ایک" : "دو", 0.9)));

    private async Task InProductionAsync(string model, Evaluation evaluation, GatePolicy? policy = null)
    {
        await RegisterAsync(model, evaluation);
        Assert.True((await Model.PromoteAsync(1, policy ?? Policy)).Promoted);
    }

    private Task<string> RegisterAsync(string model, Evaluation evaluation) => RegisterAsync(model, EvaluationFile.ToBytes(evaluation));

    private async Task<string> RegisterAsync(string model, byte[] evaluation)
    {
        string run = await _cluster.StartRunAsync(model), hash = _cluster.Models.Keep(evaluation);
        await (await _cluster.Workers.OfAsync(run)).EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome(model, hash));
        await Model.RegisterAsync(run);
        return hash;
    }
}
