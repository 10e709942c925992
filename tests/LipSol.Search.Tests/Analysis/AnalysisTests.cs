namespace LipSol.Search.Tests.Analysis;

public sealed class AnalysisTests
{
    private static readonly SearchSpace Space = new([new("much", new FloatDomain(0, 1)), new("little", new FloatDomain(0, 1)), new("nothing", new FloatDomain(0.001, 1, Log: true)), new("kind", new ChoiceDomain(["a", "b", "c"]))]);

    [Fact]
    public void What_matters_more_has_the_larger_share()
    {
        // Variances over the space: (3²)/12 = 0.75 of much, 1/12 of little, 2/9·1.5² = 0.5 of kind.
        List<PastTrial> trials = KnownFunctions.Search(new RandomSampler(Space, 1), p => 3 * KnownFunctions.Value(p, "much") + KnownFunctions.Value(p, "little") + (p["kind"] == "b" ? 1.5 : 0), 200);
        Dictionary<string, double> shares = ParameterImportance.Of(Space, trials)!.ToDictionary(s => s.Parameter, s => s.Share);
        Assert.Equal(["much", "kind", "little", "nothing"], ParameterImportance.Of(Space, trials)!.Select(s => s.Parameter));
        Assert.InRange(shares["much"], 0.45, 0.68);
        Assert.InRange(shares["kind"], 0.25, 0.48);
        Assert.InRange(shares["little"], 0.005, 0.13);
        Assert.InRange(shares["nothing"], 0, 0.03);
        Assert.InRange(shares.Values.Sum(), 0.8, 1.0001);
    }

    [Fact]
    public void A_diverged_trial_does_not_rule_the_shares()
    {
        List<PastTrial> trials = KnownFunctions.Search(new RandomSampler(Space, 2), p => 3 * KnownFunctions.Value(p, "much"), 80);
        trials.Add(new PastTrial(81, trials[3].Parameters, new TrialResult(1e9, true, 1)));
        trials.Add(new PastTrial(82, trials[4].Parameters, new TrialResult(double.NaN, true, 1)));
        Assert.Equal("much", ParameterImportance.Of(Space, trials)![0].Parameter);
    }

    [Fact]
    public void Too_few_results_or_none_that_differ_say_nothing()
    {
        Assert.Null(ParameterImportance.Of(Space, KnownFunctions.Search(new RandomSampler(Space, 1), p => KnownFunctions.Value(p, "much"), 7)));
        Assert.Null(ParameterImportance.Of(Space, KnownFunctions.Search(new RandomSampler(Space, 1), _ => 1, 50)));
    }

    [Fact]
    public void The_same_trials_have_the_same_shares_in_any_order()
    {
        List<PastTrial> trials = KnownFunctions.Search(new RandomSampler(Space, 1), p => KnownFunctions.Value(p, "much") * KnownFunctions.Value(p, "little"), 40);
        Assert.Equal(ParameterImportance.Of(Space, trials), ParameterImportance.Of(Space, [.. Enumerable.Reverse(trials)]));
    }

    [Fact]
    public void Axes_have_marks_within_their_range()
    {
        IReadOnlyList<SearchAxis> axes = SearchAxis.Of(DefinitionReader.Read(Texts.Mixed).Space);
        Assert.Equal(["learning_rate", "dropout", "hidden", "layers", "freeze", "freeze_epochs"], axes.Select(a => a.Parameter));
        Assert.All(axes.SelectMany(a => a.Ticks), t => Assert.InRange(t.Place, 0, 1));
        Assert.Equal(["none", "visual"], axes[4].Ticks.Select(t => t.Label));
        Assert.Equal(0, axes[0].Ticks[0].Place, 3);
        Assert.Equal(1, axes[0].Ticks[^1].Place, 3);
    }
}
