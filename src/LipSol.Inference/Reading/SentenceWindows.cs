namespace LipSol.Inference;

/// <summary>A stretch of a clip that the network reads at once.</summary>
/// <param name="Start">Its first frame.</param>
/// <param name="Length">Its frames.</param>
/// <param name="KeepFrom">The first frame, from the clip's start, whose logits are taken from this window.</param>
/// <param name="KeepTo">The frame behind the last.</param>
internal readonly record struct SentenceWindow(int Start, int Length, int KeepFrom, int KeepTo);

/// <summary>How a clip longer than training ever saw is read: in windows that overlap, each frame from the window in which it lies furthest from an edge.</summary>
internal static class SentenceWindows
{
    /// <summary>The windows of a clip; one where it isn't longer than <paramref name="longest"/>.</summary>
    public static IReadOnlyList<SentenceWindow> Of(int frames, int longest)
    {
        if (frames <= longest) return [new SentenceWindow(0, frames, 0, frames)];
        var step = Math.Max(1, longest * 2 / 3);
        var count = 1 + (frames - longest + step - 1) / step;
        // Evenly spaced, the last one ending with the clip.
        var starts = Enumerable.Range(0, count).Select(i => (int)Math.Round(i * (double)(frames - longest) / (count - 1))).ToArray();
        int Edge(int i) => i == 0 ? 0 : i == count ? frames : (starts[i] + starts[i - 1] + longest) / 2;
        return [.. starts.Select((start, i) => new SentenceWindow(start, longest, Edge(i), Edge(i + 1)))];
    }
}
