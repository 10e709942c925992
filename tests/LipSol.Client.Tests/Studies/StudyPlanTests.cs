namespace LipSol.Client.Tests.Studies;

public sealed class StudyPlanTests
{
    private static readonly StartRun Base = new() { Experiment = "e", Network = "word-tcn", Corpus = "c", Parameters = new Dictionary<string, string> { ["epochs"] = "5" } };

    [Fact]
    public void Several_seeds_are_one_group_of_runs_that_differ_in_nothing_else()
    {
        var plan = StudyPlan.Seeds(Base, [3, 1, 3]);
        var group = Assert.Single(plan.Groups);
        Assert.Equal([3, 1], group.Runs.Select(r => r.Seed));
        Assert.All(group.Runs, r => Assert.Equal(Base.Parameters, r.Parameters));
    }

    [Fact]
    public void Leaving_speakers_out_names_each_and_counts_his_clips_alone()
    {
        var plan = StudyPlan.LeaveOneSpeakerOut(Base, ["رضا", "sana"], [1, 2]);
        Assert.Equal(["رضا", "sana"], plan.Groups.Select(g => g.Speaker));
        Assert.All(plan.Groups, g => Assert.All(g.Runs, r => Assert.Equal((g.Speaker, "5"), (r.Parameters["hold_out_speaker"], r.Parameters["epochs"]))));
        Assert.Equal(4, plan.Groups.Sum(g => g.Runs.Count));
    }

    [Fact]
    public void A_curve_goes_up_and_at_all_clips_its_runs_are_those_of_train()
    {
        var plan = StudyPlan.OverClips(Base, [null, 200, 50, 200], [1, 2]);
        Assert.Equal(["50", "200", "all"], plan.Groups.Select(g => g.Label));
        Assert.Equal(("50", "2"), (plan.Groups[0].Runs[1].Parameters["train_clips"], plan.Groups[0].Runs[1].Parameters["selection_seed"]));
        Assert.Equal(Base.Parameters, plan.Groups[2].Runs[0].Parameters);
        Assert.Equal("3", StudyPlan.OverSpeakers(Base, [3, null], [1]).Groups[0].Runs[0].Parameters["train_speakers"]);
    }

    [Fact]
    public void What_makes_no_plan_is_refused()
    {
        Assert.Throws<ArgumentException>(() => StudyPlan.Seeds(Base, []));
        Assert.Throws<ArgumentException>(() => StudyPlan.OverClips(Base, [0, 10], [1]));
        var varied = Base with { Parameters = new Dictionary<string, string> { ["train_clips"] = "7" } };
        Assert.Contains("train_clips", Assert.Throws<ArgumentException>(() => StudyPlan.OverClips(varied, [10, 20], [1])).Message);
    }

    [Theory]
    [InlineData("urdu-words", "urdu-words", null, "production")]
    [InlineData("urdu-words@12", "urdu-words", 12, null)]
    [InlineData("کلمات@candidate", "کلمات", null, "candidate")]
    public void A_reference_is_a_name_with_a_version_or_an_alias(string text, string model, int? version, string? alias)
    {
        var reference = ModelReference.Parse(text);
        Assert.Equal((model, version, alias), (reference.Model, reference.Version, reference.Alias));
        Assert.Equal(text, reference.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@3")]
    [InlineData("m@")]
    [InlineData("m@1@2")]
    public void What_names_nothing_is_refused(string text) => Assert.Throws<FormatException>(() => ModelReference.Parse(text));
}
