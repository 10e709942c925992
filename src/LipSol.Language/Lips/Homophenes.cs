namespace LipSol.Language.Lips;

/// <summary>Words that look alike on the lips.</summary>
/// <param name="First">A word.</param>
/// <param name="Second">Another.</param>
/// <param name="Similarity">0 (nothing alike) to 1 (can't be told apart by sight).</param>
public sealed record LookAlike(string First, string Second, double Similarity);

/// <summary>Finds words that look alike. Words that aren't in <see cref="UrduLexicon"/> are left out: their pronunciation isn't known.</summary>
public static class Homophenes
{
    // A shape's distance at which two visemes are fully distinct, and the least by which classes differ.
    private const double FullyDistinct = 1.2, LeastDistinct = 0.15;

    /// <summary>Groups of two or more words whose viseme sequences are equal: no lip reader can tell them apart without context.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Groups(IEnumerable<string> words) =>
        [.. Known(words).GroupBy(p => string.Join(' ', p.Visemes)).Where(g => g.Count() > 1).Select(g => (IReadOnlyList<string>)[.. g.Select(p => p.Word)])];

    /// <summary>The pairs at least this similar, most similar first; pairs of one homophene group have similarity 1.</summary>
    public static IReadOnlyList<LookAlike> Pairs(IEnumerable<string> words, double leastSimilarity = 0.6)
    {
        var known = Known(words).ToArray();
        return [.. known.SelectMany((a, i) => known.Skip(i + 1).Select(b => new LookAlike(a.Word, b.Word, Similarity(a, b))))
            .Where(pair => pair.Similarity >= leastSimilarity).OrderByDescending(pair => pair.Similarity)];
    }

    /// <summary>
    /// How alike two words look: 1 − their viseme edit distance over that of the longer one to nothing, not below 0. A substitution costs what the two lip shapes
    /// differ by; visemes that show nothing of their own (<see cref="Viseme.Back"/>) come and go cheaply.
    /// </summary>
    public static double Similarity(Pronunciation a, Pronunciation b)
    {
        var cost = new double[a.Visemes.Count + 1, b.Visemes.Count + 1];
        for (var i = 0; i <= a.Visemes.Count; i++)
        {
            for (var j = 0; j <= b.Visemes.Count; j++)
            {
                if (i == 0 && j == 0) continue;
                cost[i, j] = Math.Min(
                    i > 0 && j > 0 ? cost[i - 1, j - 1] + Substitution(a.Visemes[i - 1], b.Visemes[j - 1]) : double.PositiveInfinity,
                    Math.Min(
                        i > 0 ? cost[i - 1, j] + Visibility(a.Visemes[i - 1]) : double.PositiveInfinity,
                        j > 0 ? cost[i, j - 1] + Visibility(b.Visemes[j - 1]) : double.PositiveInfinity));
            }
        }
        return Math.Max(0, 1 - cost[a.Visemes.Count, b.Visemes.Count] / Math.Max(a.Visemes.Sum(Visibility), b.Visemes.Sum(Visibility)));
    }

    private static IEnumerable<Pronunciation> Known(IEnumerable<string> words) =>
        words.Where(UrduLexicon.Contains).Select(UrduLexicon.Pronounce).DistinctBy(p => p.Word);

    private static double Visibility(Viseme viseme) => viseme is Viseme.Back or Viseme.Silence ? 0.3 : 1;

    private static double Substitution(Viseme a, Viseme b) =>
        a == b ? 0 : Math.Clamp(LipShape.Distance(VisemeTable.Shape(a), VisemeTable.Shape(b)) / FullyDistinct, LeastDistinct, 1);
}
