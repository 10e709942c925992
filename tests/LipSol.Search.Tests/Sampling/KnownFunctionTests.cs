namespace LipSol.Search.Tests.Sampling;

public sealed class KnownFunctionTests
{
    private const int Trials = 60, Seeds = 20, ManySeeds = 100, MustWin = 14;

    [Fact]
    public void The_functions_have_their_known_minima()
    {
        Assert.Equal(0.397887, KnownFunctions.Branin(new Dictionary<string, string> { ["x"] = "3.14159", ["y"] = "2.275" }), 5);
        Assert.Equal(0.397887, KnownFunctions.Branin(new Dictionary<string, string> { ["x"] = "-3.14159", ["y"] = "12.275" }), 5);
        double[] at = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573];
        Assert.Equal(-3.32237, KnownFunctions.Hartmann(at.Select((v, i) => (v, i)).ToDictionary(p => $"x{p.i}", p => FormattableString.Invariant($"{p.v}"))), 4);
    }

    [Theory]
    [InlineData("Branin")]
    [InlineData("Hartmann-6")]
    public void TPE_is_better_than_random_search_in_at_least_14_of_20_paired_seeds(string function)
    {
        (double Tpe, double Random)[] pairs = Pairs(function, multivariate: true, Seeds);
        int won = pairs.Count(p => p.Tpe < p.Random);
        Assert.True(won >= MustWin, $"TPE won {won} of {Seeds}: {string.Join("; ", pairs.Select(p => FormattableString.Invariant($"{p.Tpe:0.###} against {p.Random:0.###}")))}");
    }

    [Theory]
    [InlineData("Branin", true)]
    [InlineData("Branin", false)]
    [InlineData("Hartmann-6", true)]
    [InlineData("Hartmann-6", false)]
    public void So_it_is_over_many_seeds_with_the_parameters_together_and_each_by_itself(string function, bool multivariate)
    {
        (double Tpe, double Random)[] pairs = Pairs(function, multivariate, ManySeeds);
        int won = pairs.Count(p => p.Tpe < p.Random);
        TestContext.Current.SendDiagnosticMessage($"{function}, {(multivariate ? "together" : "each by itself")}: TPE won {won} of {ManySeeds}, {pairs.Take(Seeds).Count(p => p.Tpe < p.Random)} of the first {Seeds}; median best {Median(pairs.Select(p => p.Tpe)):0.####} against {Median(pairs.Select(p => p.Random)):0.####}");
        Assert.True(won >= 0.7 * ManySeeds, $"TPE won {won} of {ManySeeds}");
    }

    [Fact]
    public void A_larger_objective_is_better_where_it_says_so()
    {
        double up = KnownFunctions.Search(new TpeSampler(KnownFunctions.BraninSpace, 4, maximise: true, new TpeSettings()), p => -KnownFunctions.Branin(p), Trials).Max(t => t.Result!.Value.Objective);
        double down = KnownFunctions.Search(new TpeSampler(KnownFunctions.BraninSpace, 4, maximise: false, new TpeSettings()), KnownFunctions.Branin, Trials).Min(t => t.Result!.Value.Objective);
        Assert.Equal(-down, up);
    }

    private static (double Tpe, double Random)[] Pairs(string function, bool multivariate, int seeds)
    {
        (SearchSpace space, Func<IReadOnlyDictionary<string, string>, double> objective) = function == "Branin"
            ? (KnownFunctions.BraninSpace, (Func<IReadOnlyDictionary<string, string>, double>)KnownFunctions.Branin) : (KnownFunctions.HartmannSpace, KnownFunctions.Hartmann);
        return [.. Enumerable.Range(1, seeds).Select(seed => (
            KnownFunctions.Search(new TpeSampler(space, seed, maximise: false, new TpeSettings { Multivariate = multivariate }), objective, Trials).Min(t => t.Result!.Value.Objective),
            KnownFunctions.Search(new RandomSampler(space, seed), objective, Trials).Min(t => t.Result!.Value.Objective)))];
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(ManySeeds / 2);
}
