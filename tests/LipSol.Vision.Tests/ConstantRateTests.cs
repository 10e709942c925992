namespace LipSol.Vision.Tests;

/// <summary>Resampling to the output's rate: what is let go while a clip is read is nothing that its crops need.</summary>
public sealed class ConstantRateTests
{
    private const double Output = 25;

    [Theory]
    [InlineData(10, 0)]
    [InlineData(25, 0)]
    [InlineData(29.97, 0)]
    [InlineData(60, 0)]
    [InlineData(240, 0)]
    [InlineData(50, 0.9)]
    [InlineData(240, 0.9)]
    public void Every_frame_that_the_plan_takes_is_kept_while_the_clip_is_read(double framesPerSecond, double jitter)
    {
        var random = new Random(11);
        var times = new List<double>();
        var kept = new HashSet<int>();
        for (var i = 0; i < 3 * framesPerSecond; i++)
        {
            times.Add((i + jitter * random.NextDouble()) / framesPerSecond);
            kept.Add(i);
            if (!ConstantRate.TakesLastButOne(times, Output)) kept.Remove(i - 1);
        }
        var plan = ConstantRate.Plan(times, Output, ConstantRate.LastFrameSeconds(times, framesPerSecond));
        Assert.Empty(plan.SelectMany(p => new[] { p.First, p.Second }).Except(kept));
        // Two frames for each of the output's at most, and the first ones and the last.
        Assert.InRange(kept.Count, 1, 2 * plan.Count + 3);
    }

    [Fact]
    public void Of_240_frames_a_second_hardly_more_than_the_outputs_25_are_kept()
    {
        var times = Enumerable.Range(0, 2400).Select(i => i / 240.0).ToList();
        var kept = Enumerable.Range(1, times.Count - 1).Count(last => ConstantRate.TakesLastButOne(times[..(last + 1)], Output));
        Assert.InRange(kept, 250, 260);
    }
}
