using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>Resamples crops at the source's own times to a constant rate.</summary>
internal static class ConstantRate
{
    /// <summary>A source frame this near (as a share of the output's frame) is taken as it is; otherwise its two neighbours are blended.</summary>
    public const double Near = 0.1;

    /// <summary>Frame numbers and weights of the output: frame <c>t</c> is at <c>t / rate</c>.</summary>
    /// <param name="times">The source's times, increasing.</param>
    /// <param name="framesPerSecond">The output's rate.</param>
    /// <param name="lastFrameSeconds">How long the last source frame lasts.</param>
    public static IReadOnlyList<(int First, int Second, double SecondShare)> Plan(IReadOnlyList<double> times, double framesPerSecond, double lastFrameSeconds)
    {
        var count = Math.Max(1, (int)Math.Round((times[^1] + lastFrameSeconds) * framesPerSecond));
        var plan = new List<(int, int, double)>(count);
        var next = 0;
        for (var t = 0; t < count; t++)
        {
            var at = t / framesPerSecond;
            while (next < times.Count && times[next] < at) next++;
            plan.Add(At(at, times, next, framesPerSecond));
        }

        return plan;
    }

    /// <summary>Whether the output takes anything of the last frame but one, once the last one is known: of a source of many frames a second, most aren't needed.</summary>
    public static bool TakesLastButOne(IReadOnlyList<double> times, double framesPerSecond)
    {
        var frame = times.Count - 2;
        if (frame < 1) return true;
        for (var t = (long)Math.Floor(times[frame - 1] * framesPerSecond); t / framesPerSecond <= times[frame + 1]; t++)
        {
            var at = t / framesPerSecond;
            if (at <= times[frame - 1]) continue;
            var (first, second, _) = At(at, times, at <= times[frame] ? frame : frame + 1, framesPerSecond);
            if (first == frame || second == frame) return true;
        }

        return false;
    }

    /// <summary>What the output takes for one time.</summary>
    /// <param name="at">The time.</param>
    /// <param name="times">The source's times, increasing.</param>
    /// <param name="next">The first source frame that isn't before it; their number where all are.</param>
    /// <param name="framesPerSecond">The output's rate.</param>
    public static (int First, int Second, double SecondShare) At(double at, IReadOnlyList<double> times, int next, double framesPerSecond)
    {
        if (next == 0) return (0, 0, 0);
        if (next == times.Count) return (times.Count - 1, times.Count - 1, 0);
        if ((times[next] - at) * framesPerSecond < Near) return (next, next, 0);
        if ((at - times[next - 1]) * framesPerSecond < Near) return (next - 1, next - 1, 0);
        return (next - 1, next, (at - times[next - 1]) / (times[next] - times[next - 1]));
    }

    /// <summary>How long the last frame is taken to last: as long as the one before, where the rate varies, within reason.</summary>
    public static double LastFrameSeconds(IReadOnlyList<double> times, double framesPerSecond) =>
        times.Count < 2 ? 1 / framesPerSecond : Math.Clamp(times[^1] - times[^2], 0.25 / framesPerSecond, 4 / framesPerSecond);

    /// <summary>Blends two frames of pixels.</summary>
    public static void Blend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, double secondShare, Span<byte> result)
    {
        if (secondShare <= 0)
        {
            first.CopyTo(result);
            return;
        }

        var weight = (int)Math.Round(secondShare * 256);
        for (var i = 0; i < result.Length; i++) result[i] = (byte)((first[i] * (256 - weight) + second[i] * weight + 128) >> 8);
    }

    /// <summary>The quality of a blend: that of the worse part.</summary>
    public static FrameQuality Worse(FrameQuality a, FrameQuality b) => new(a.Source < b.Source ? a.Source : b.Source, Math.Min(a.Confidence, b.Confidence));
}
