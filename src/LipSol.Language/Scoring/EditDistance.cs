namespace LipSol.Language.Scoring;

/// <summary>Levenshtein distance: the least number of substitutions, deletions and insertions (each costs 1) from one sequence to another.</summary>
public static class EditDistance
{
    /// <summary>The distance, in O(m·n) time and O(n) memory.</summary>
    public static int Between<T>(ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        // What both begin and end with costs nothing and needn't be looked at again.
        var common = reference.CommonPrefixLength(hypothesis);
        reference = reference[common..];
        hypothesis = hypothesis[common..];
        while (reference.Length > 0 && hypothesis.Length > 0 && reference[^1].Equals(hypothesis[^1]))
        {
            reference = reference[..^1];
            hypothesis = hypothesis[..^1];
        }
        if (reference.Length == 0 || hypothesis.Length == 0) return reference.Length + hypothesis.Length;

        var row = hypothesis.Length < 256 ? stackalloc int[hypothesis.Length + 1] : new int[hypothesis.Length + 1];
        for (var j = 0; j < row.Length; j++) row[j] = j;
        for (var i = 1; i <= reference.Length; i++)
        {
            var letter = reference[i - 1];
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
            {
                var substituted = diagonal + (letter.Equals(hypothesis[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    /// <summary>One least-cost alignment: pairs of positions, -1 where one side has nothing (deleted from the reference, or inserted).</summary>
    /// <remarks>Where several alignments cost the same, a match or substitution is preferred to a deletion, and that to an insertion, from the end backwards.</remarks>
    public static IReadOnlyList<(int Reference, int Hypothesis)> Align<T>(ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        var cost = new int[reference.Length + 1, hypothesis.Length + 1];
        for (var i = 0; i <= reference.Length; i++)
            for (var j = 0; j <= hypothesis.Length; j++)
                cost[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    cost[i - 1, j - 1] + (reference[i - 1].Equals(hypothesis[j - 1]) ? 0 : 1), Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
        var pairs = new List<(int, int)>();
        for (int i = reference.Length, j = hypothesis.Length; i > 0 || j > 0;)
        {
            if (i > 0 && j > 0 && cost[i, j] == cost[i - 1, j - 1] + (reference[i - 1].Equals(hypothesis[j - 1]) ? 0 : 1)) pairs.Add((--i, --j));
            else if (i > 0 && cost[i, j] == cost[i - 1, j] + 1) pairs.Add((--i, -1));
            else pairs.Add((-1, --j));
        }
        pairs.Reverse();
        return pairs;
    }
}
