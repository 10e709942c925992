using LipSol.Language.Lips;
using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Evaluation;

/// <summary>How often each expected word, letter or viseme was read as each. Sentences are aligned first (<see cref="EditDistance.Align"/>).</summary>
/// <param name="Words">What was confused, in ordinal order: words, letters (code points, the space among them) or visemes by name. The empty word stands for "nothing": read
/// where nothing was said, or said and not read.</param>
/// <param name="Counts">Counts, row = expected, column = read.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> Words, IReadOnlyList<IReadOnlyList<int>> Counts)
{
    /// <summary>Counts the words of these samples.</summary>
    public static ConfusionMatrix Of(IEnumerable<EvaluatedSample> samples) => Of(samples.Select(s => (Transcripts.Words(s.Expected), Transcripts.Words(s.Text))));

    /// <summary>Counts their letters.</summary>
    public static ConfusionMatrix OfLetters(IEnumerable<EvaluatedSample> samples) => Of(samples.Select(s => (Letters(s.Expected), Letters(s.Text))));

    /// <summary>Counts what their words look like on the lips (<see cref="VisibleSpeech"/>): where a model errs here, it's not for lack of anything to see.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="withoutVisemes">Words, said or read, of which it isn't known what they look like; they're left out.</param>
    public static ConfusionMatrix OfVisemes(IEnumerable<EvaluatedSample> samples, out int withoutVisemes)
    {
        var unknown = 0;
        var byWord = new Dictionary<string, string[]?>();
        var matrix = Of(samples.Select(s => (Visemes(s.Expected), Visemes(s.Text))));
        withoutVisemes = unknown;
        return matrix;

        string[] Visemes(string text)
        {
            var visemes = new List<string>();
            foreach (var word in Transcripts.Words(text))
            {
                if (!byWord.TryGetValue(word, out var seen)) byWord[word] = seen = VisibleSpeech.Of(word)?.Select(v => v.ToString()).ToArray();
                if (seen is null) unknown++;
                else visemes.AddRange(seen);
            }
            return [.. visemes];
        }
    }

    /// <summary>The wrong pairs, most frequent first.</summary>
    public IEnumerable<(string Expected, string Read, int Count)> Mistakes() =>
        Words.SelectMany((e, i) => Words.Select((r, j) => (Expected: e, Read: r, Count: Counts[i][j])))
            .Where(x => x.Expected != x.Read && x.Count > 0).OrderByDescending(x => x.Count);

    private static string[] Letters(string text) => [.. text.EnumerateRunes().Select(r => r.ToString())];

    private static ConfusionMatrix Of(IEnumerable<(string[] Expected, string[] Read)> sequences)
    {
        var pairs = new Dictionary<(string Expected, string Read), int>();
        foreach (var (expected, read) in sequences)
        {
            foreach (var (e, r) in EditDistance.Align<string>(expected, read))
            {
                var pair = (e < 0 ? "" : expected[e], r < 0 ? "" : read[r]);
                pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
            }
        }
        var words = pairs.Keys.SelectMany(p => new[] { p.Expected, p.Read }).Distinct().Order(StringComparer.Ordinal).ToArray();
        return new ConfusionMatrix(words, [.. words.Select(e => (IReadOnlyList<int>)[.. words.Select(r => pairs.GetValueOrDefault((e, r)))])]);
    }
}
