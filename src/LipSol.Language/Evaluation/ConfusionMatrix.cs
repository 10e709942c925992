using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Evaluation;

/// <summary>How often each expected word was read as each word. Sentences are aligned word by word first.</summary>
/// <param name="Words">The words, in ordinal order; the empty word stands for "nothing": read where nothing was said, or said and not read.</param>
/// <param name="Counts">Counts, row = expected, column = read.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> Words, IReadOnlyList<IReadOnlyList<int>> Counts)
{
    /// <summary>Counts the words of these samples.</summary>
    public static ConfusionMatrix Of(IEnumerable<EvaluatedSample> samples)
    {
        var pairs = new Dictionary<(string Expected, string Read), int>();
        foreach (var sample in samples)
        {
            string[] expected = Transcripts.Words(sample.Expected), read = Transcripts.Words(sample.Text);
            foreach (var (e, r) in EditDistance.Align<string>(expected, read))
            {
                var pair = (e < 0 ? "" : expected[e], r < 0 ? "" : read[r]);
                pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
            }
        }
        var words = pairs.Keys.SelectMany(p => new[] { p.Expected, p.Read }).Distinct().Order(StringComparer.Ordinal).ToArray();
        return new ConfusionMatrix(words, [.. words.Select(e => (IReadOnlyList<int>)[.. words.Select(r => pairs.GetValueOrDefault((e, r)))])]);
    }

    /// <summary>The wrong pairs, most frequent first.</summary>
    public IEnumerable<(string Expected, string Read, int Count)> Mistakes() =>
        Words.SelectMany((e, i) => Words.Select((r, j) => (Expected: e, Read: r, Count: Counts[i][j])))
            .Where(x => x.Expected != x.Read && x.Count > 0).OrderByDescending(x => x.Count);
}
