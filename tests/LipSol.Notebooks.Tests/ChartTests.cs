using System.Globalization;
using System.Text.RegularExpressions;
using LipSol.Client;
using static LipSol.Notebooks.Tests.Samples;

namespace LipSol.Notebooks.Tests;

public sealed partial class ChartTests
{
    [Fact]
    public void A_chart_without_points_or_with_values_that_are_no_numbers_is_still_drawn()
    {
        var chart = new MetricChart("Loss");
        Assert.Contains("no points yet", Shown(chart));
        chart.Add("s", 1, double.NaN);
        chart.Add("s", 2, double.PositiveInfinity);
        Assert.Contains("no points yet", Shown(chart));
        chart.Add("s", 3, 0);
        Assert.DoesNotContain("NaN", Shown(chart));
    }

    [Theory]
    [InlineData(1e-12)]
    [InlineData(0.37)]
    [InlineData(3.3)]
    [InlineData(-4)]
    [InlineData(1e9)]
    public void Any_range_of_values_stays_inside_of_the_drawing(double value)
    {
        var chart = new MetricChart("x");
        chart.Add("s", 0, value);
        chart.Add("s", 10, value / 3);
        foreach (Match point in Points().Matches(Shown(chart)))
        {
            Assert.InRange(double.Parse(point.Groups[1].Value, CultureInfo.InvariantCulture), 0, 440);
            Assert.InRange(double.Parse(point.Groups[2].Value, CultureInfo.InvariantCulture), 0, 210);
        }
    }

    [Fact]
    public void A_hundred_thousand_points_are_drawn_as_a_few_hundred()
    {
        var chart = new MetricChart("x");
        for (var i = 0; i < 100_000; i++)
            chart.Add("s", i, Math.Sin(i / 5000.0));
        Assert.InRange(Points().Count(chart.ToSvg()), 100, 300);
    }

    [Fact]
    public void A_step_that_comes_again_replaces_its_value()
    {
        var chart = new MetricChart("x") { Share = true };
        chart.Add("s", 1, 0.2);
        chart.Add("s", 1, 0.6);
        Assert.Contains("60.0 %", Shown(chart));
    }

    [Fact]
    public async Task A_board_takes_events_from_several_runs_at_once_and_says_when_it_is_due()
    {
        var board = new RunBoard([Run("a", status: RunStatus.Queued, name: "one"), Run("b", status: RunStatus.Queued, name: "two")]);
        Assert.True(board.Apply("a", Event(1, RunStatus.Running)));
        await Task.WhenAll(new[] { "a", "b" }.Select(id => Task.Run(() =>
        {
            for (var i = 2; i < 500; i++)
                board.Apply(id, Event(i, RunStatus.Running));
        })));
        Assert.False(board.Apply("a", Event(500, RunStatus.Running)));
        Assert.True(board.Apply("a", Event(501, RunStatus.Completed)));
        var html = Shown(board);
        Assert.Contains("completed", html);
        Assert.Contains("two, training", html);
        Assert.Throws<ArgumentException>(() => board.Apply("c", Event(1, RunStatus.Running)));

        static RunEvent Event(int i, RunStatus status) => new(i, status, null,
            [new("val_accuracy", i, 0.5, DateTimeOffset.UnixEpoch), new("train_loss", i, 1.0 / i, DateTimeOffset.UnixEpoch)], "training", 0.5);
    }

    [GeneratedRegex(@"([0-9.]+),([0-9.-]+)(?=[ ""])")]
    private static partial Regex Points();
}
