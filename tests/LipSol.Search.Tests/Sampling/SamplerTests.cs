using System.Globalization;

namespace LipSol.Search.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly SearchSpace Mixed = DefinitionReader.Read(Texts.Mixed).Space;

    public static TheoryData<string> Methods => ["grid", "random", "tpe"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_same_seed_proposes_the_same_trials_and_another_seed_others(string method)
    {
        Assert.Equal(Keys(Run(method, 7)), Keys(Run(method, 7)));
        if (method != "grid") Assert.NotEqual(Keys(Run(method, 7)), Keys(Run(method, 8)));
    }

    [Fact]
    public void A_proposal_follows_from_the_results_that_are_known_not_from_their_order()
    {
        Sampler sampler = Of("tpe", 3);
        List<PastTrial> past = Run("tpe", 3);
        var shuffled = past.ToArray();
        new Random(5).Shuffle(shuffled);
        Assert.Equal(Key(sampler.Propose(41, past)!), Key(sampler.Propose(41, shuffled)!));
        // What isn't known yet makes a difference; that's why searches record it.
        Assert.NotEqual(Key(sampler.Propose(41, past)!), Key(sampler.Propose(41, [.. past.Select(t => t.Number > 12 ? t with { Result = null } : t)])!));
    }

    [Fact]
    public void Random_trials_and_the_first_of_TPE_need_no_result()
    {
        foreach (string method in new[] { "random", "tpe" })
        {
            Sampler sampler = Of(method, 9);
            List<PastTrial> unknown = [], known = [];
            for (int number = 1; number <= 10; number++)
            {
                unknown.Add(new PastTrial(number, sampler.Propose(number, unknown)!, null));
                known.Add(new PastTrial(number, sampler.Propose(number, known)!, new TrialResult(number, true, 1)));
            }
            Assert.Equal(Keys(unknown), Keys(known));
        }
    }

    [Fact]
    public void What_is_proposed_stays_the_same_from_version_to_version()
    {
        // Searches that go on after an upgrade, and people who repeat one, count on it.
        Assert.Equal("dropout=0.3 freeze=none hidden=32 learning_rate=0.000345325 layers=1", Show(Of("random", 1).Propose(1, [])!));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Proposals_keep_bounds_steps_and_conditions(string method)
    {
        foreach (PastTrial trial in Run(method, 2))
        {
            IReadOnlyDictionary<string, string> p = trial.Parameters;
            Assert.InRange(KnownFunctions.Value(p, "learning_rate"), 0.0003, 0.01);
            Assert.Equal(0, Math.IEEERemainder(KnownFunctions.Value(p, "dropout"), 0.05), 9);
            Assert.InRange(KnownFunctions.Value(p, "dropout"), 0, 0.5);
            Assert.Contains(p["hidden"], new[] { "32", "64", "96", "128", "160" });
            Assert.InRange(int.Parse(p["layers"], CultureInfo.InvariantCulture), 1, 8);
            Assert.Equal(p["freeze"] == "visual", p.ContainsKey("freeze_epochs"));
        }
    }

    [Fact]
    public void Every_value_of_a_range_with_steps_comes_about_equally_often()
    {
        Sampler sampler = Of("random", 6);
        var counts = Enumerable.Range(1, 2000).Select(n => sampler.Propose(n, [])!["hidden"]).GroupBy(v => v).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(5, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 340, 460));
    }

    [Fact]
    public void A_grid_goes_through_every_configuration_once_and_only_the_children_that_exist()
    {
        var space = new SearchSpace([new("rate", new FloatDomain(0.001, 0.1, Log: true, Points: 3)), new("freeze", new ChoiceDomain(["none", "visual"])),
            new("epochs", new IntDomain(1, 2), new Dictionary<string, IReadOnlyList<string>> { ["freeze"] = ["visual"] })]);
        List<PastTrial> past = [];
        var sampler = new GridSampler(space, 1);
        while (sampler.Propose(past.Count + 1, past) is { } proposed) past.Add(new PastTrial(past.Count + 1, proposed, null));
        Assert.Equal(9, past.Count);
        Assert.Equal(["rate=0.001 freeze=none", "rate=0.001 freeze=visual epochs=1", "rate=0.001 freeze=visual epochs=2", "rate=0.01 freeze=none"], past.Take(4).Select(t => string.Join(' ', t.Parameters.Select(p => $"{p.Key}={p.Value}"))));
    }

    [Theory]
    [InlineData("random")]
    [InlineData("tpe")]
    public void No_configuration_is_tried_twice_and_a_space_that_is_used_up_says_so(string method)
    {
        SearchSpace space = new([new("size", new ChoiceDomain(["a", "b", "c"])), new("count", new IntDomain(1, 8))]);
        Sampler sampler = method == "random" ? new RandomSampler(space, 5) : new TpeSampler(space, 5, true, new TpeSettings());
        List<PastTrial> past = [];
        while (sampler.Propose(past.Count + 1, past) is { } proposed) past.Add(new PastTrial(past.Count + 1, proposed, new TrialResult(KnownFunctions.Value(proposed, "count"), true, 1)));
        Assert.Equal(24, past.Count);
        Assert.Equal(24, Keys(past).Distinct().Count());
    }

    [Fact]
    public void TPE_finds_the_better_choice_and_what_depends_on_it()
    {
        static double Objective(IReadOnlyDictionary<string, string> p) => p["freeze"] == "visual" ? 1 - Math.Abs(KnownFunctions.Value(p, "freeze_epochs") - 4) / 10 : 0.5;
        List<PastTrial> past = KnownFunctions.Search(Of("tpe", 11), Objective, 60);
        Assert.True(past.Skip(30).Count(t => t.Parameters["freeze"] == "visual") >= 20);
        Assert.Equal(1, past.Max(t => t.Result!.Value.Objective));
    }

    [Fact]
    public void Failed_trials_and_objectives_that_are_no_numbers_teach_TPE_nothing()
    {
        List<PastTrial> past = Run("tpe", 3);
        Sampler sampler = Of("tpe", 3);
        PastTrial[] nan = [.. past.Select(t => t.Number % 2 == 0 ? t with { Result = new TrialResult(double.NaN, true, 1) } : t)];
        PastTrial[] without = [.. past.Select(t => t.Number % 2 == 0 ? t with { Result = null } : t)];
        Assert.Equal(Key(sampler.Propose(41, without)!), Key(sampler.Propose(41, nan)!));
    }

    private static Sampler Of(string method, long seed) => method switch
    {
        "grid" => new GridSampler(Mixed, seed),
        "random" => new RandomSampler(Mixed, seed),
        _ => new TpeSampler(Mixed, seed, true, new TpeSettings()),
    };

    private static List<PastTrial> Run(string method, long seed) => KnownFunctions.Search(Of(method, seed), p => -Math.Abs(Math.Log(KnownFunctions.Value(p, "learning_rate") / 0.002)) - KnownFunctions.Value(p, "dropout"), 40);

    private static IEnumerable<string> Keys(IEnumerable<PastTrial> trials) => trials.Select(t => Key(t.Parameters));

    private static string Key(IReadOnlyDictionary<string, string> p) => string.Join(' ', p.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Key}={x.Value}"));

    private static string Show(IReadOnlyDictionary<string, string> p) => string.Join(' ', p.OrderBy(x => x.Key[0]).Select(x => $"{x.Key}={x.Value}"));
}
