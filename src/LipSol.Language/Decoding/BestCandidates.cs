namespace LipSol.Language.Decoding;

/// <summary>A prefix that could be in the next beam: a prefix of this one as it is (letter 0) or with one letter more.</summary>
internal readonly record struct Candidate(double Score, int Slot, int Letter);

/// <summary>The best <paramref name="keep"/> of many candidates: what can't be among them any more is turned away by one comparison.</summary>
internal sealed class BestCandidates(int keep)
{
    private readonly Candidate[] held = new Candidate[keep * 4 + 64];
    private double threshold;
    private int count;

    public void Clear() => (count, threshold) = (0, double.NegativeInfinity);

    /// <summary>Offers one; −∞ is turned away.</summary>
    public void Offer(double score, int slot, int letter)
    {
        if (!(score > threshold)) return;
        if (count == held.Length) Prune();
        held[count++] = new Candidate(score, slot, letter);
    }

    /// <summary>Offers a prefix with each letter.</summary>
    public void OfferAll(ReadOnlySpan<double> score_V, int slot)
    {
        for (var v = 1; v < score_V.Length; v++)
            if (score_V[v] > threshold) Offer(score_V[v], slot, v);
    }

    /// <summary>The best, in no order. Valid until the next call.</summary>
    public ReadOnlySpan<Candidate> Best()
    {
        if (count > keep) Prune();
        return held.AsSpan(0, count);
    }

    private void Prune()
    {
        Partition(held.AsSpan(0, count), keep);
        count = keep;
        threshold = held[0].Score;
        for (var i = 1; i < keep; i++) threshold = Math.Min(threshold, held[i].Score);
    }

    // Hoare's selection: afterwards none behind the first `first` is better than any of them.
    private static void Partition(Span<Candidate> span, int first)
    {
        while (span.Length > 1 && first > 0 && first < span.Length)
        {
            var pivot = MedianOfThree(span[0].Score, span[span.Length / 2].Score, span[^1].Score);
            int i = 0, j = span.Length - 1;
            while (i <= j)
            {
                while (span[i].Score > pivot) i++;
                while (span[j].Score < pivot) j--;
                if (i > j) break;
                (span[i], span[j]) = (span[j], span[i]);
                i++;
                j--;
            }
            if (first <= j) span = span[..(j + 1)];
            else if (first < i) return;
            else
            {
                span = span[i..];
                first -= i;
            }
        }
    }

    private static double MedianOfThree(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
