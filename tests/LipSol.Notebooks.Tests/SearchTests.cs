using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed class SearchTests
{
    [Fact]
    public void A_search_shows_its_trials_the_best_first_and_why_others_failed()
    {
        var html = Shown(Search([Trial(1, 0.5), Trial(2, 0.9), Trial(3, 0.7, SearchTrialStatus.Stopped), Trial(4, null, SearchTrialStatus.Failed, "out of <memory>"), Trial(5, 0.2, SearchTrialStatus.Running)], best: 2));
        Assert.Contains("★ 2", html);
        Assert.True(html.IndexOf("★ 2", StringComparison.Ordinal) < html.IndexOf(">0.5<", StringComparison.Ordinal));
        Assert.Contains("out of &lt;memory&gt;", html);
        Assert.Equal(4, html.Split("<circle").Length - 1);
        Assert.Contains("stopped at rung 2", html);
        Assert.Contains("running, 3 values", html);
    }

    [Fact]
    public void A_search_without_a_value_yet_and_one_with_equal_or_wild_values_are_shown_too()
    {
        Assert.Contains("No trial has a value yet", Shown(Search([], 0)));
        Shown(Search([Trial(1, 0.5)], 1));
        Shown(Search([Trial(1, 0.5), Trial(2, 0.5)], 1));
        Shown(Search([Trial(1, 0.5), Trial(2, 0.6), Trial(3, -1e12), Trial(4, double.PositiveInfinity, SearchTrialStatus.Failed)], 2));
        Shown(Search([Trial(1, 0.5), Trial(2, 1e12)], 1) with { Maximise = false });
    }

    [Fact]
    public void Coordinates_draw_a_line_a_trial_with_a_result_and_pass_what_it_has_not_below_the_axis()
    {
        var search = Search([Trial(1, 0.5), Trial(2, 0.9), Trial(3, 0.7, SearchTrialStatus.Stopped), Trial(4, null, SearchTrialStatus.Failed)], best: 2);
        var picture = new ParallelCoordinates(search, Analysis([new ParameterShare("rate", 0.8), new ParameterShare("kind", 0.1)]));
        var html = Shown(picture);
        Assert.Equal(3, html.Split("<polyline").Length - 1);
        Assert.Contains(",284", html);
        Assert.StartsWith("<svg xmlns", picture.ToSvg());
        Assert.Contains("a&lt;b", html);
        Shown(new ParallelCoordinates(Search([], 0), Analysis(null)));
    }

    [Fact]
    public void Importance_is_bars_with_what_is_left_or_says_that_nothing_can_be_said()
    {
        var html = Shown(Analysis([new ParameterShare("rate", 0.8), new ParameterShare("kind", 0.05)]));
        Assert.Contains("80.0 %", html);
        Assert.Contains("15.0 %", html);
        Assert.Contains("Too few results", Shown(Analysis(null)));
    }

    private static SearchAnalysis Analysis(IReadOnlyList<ParameterShare>? importance) => new(
        [new CoordinateAxis("rate", [new AxisTick("0.001", 0), new AxisTick("0.1", 1)]), new CoordinateAxis("kind", [new AxisTick("a<b", 0.5)])],
        [new TrialCoordinates(1, [0.1, 0.5]), new TrialCoordinates(2, [0.4, null]), new TrialCoordinates(3, [0.9, 0.5]), new TrialCoordinates(4, [0.5, 0.5])], importance);

    private static ParameterSearch Search(IReadOnlyList<SearchTrial> trials, int best) => new()
    {
        Name = "rates", Definition = "", Status = SearchStatus.Running, Method = "tpe", Metric = "val_accuracy", Maximise = true, Corpus = "c", DataHash = "0123456789abcdef", Seed = 1,
        Target = 10, TrialCount = trials.Count, Best = best, CreatedAt = DateTimeOffset.UnixEpoch, Parameters = ["rate", "kind"], Trials = trials,
    };

    private static SearchTrial Trial(int number, double? objective, SearchTrialStatus status = SearchTrialStatus.Completed, string? reason = null) => new()
    {
        Number = number, RunId = $"run-{number}", Parameters = new Dictionary<string, string> { ["rate"] = $"0.00{number}", ["kind"] = "a<b" }, Status = status, Reason = reason, Objective = objective, Values = 3,
        Rungs = status == SearchTrialStatus.Stopped ? [new SearchRung(2, objective ?? 0, 1, false)] : [], ProposedAt = DateTimeOffset.UnixEpoch,
    };
}
