using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>Which word was read as which: rows are what was said, columns what was read.</summary>
public sealed class WordConfusions
{
    private readonly string[] _words;
    private readonly Dictionary<(string Said, string Read), int> _counts;

    /// <summary>Counts pairs of what was said and what was read.</summary>
    public WordConfusions(IEnumerable<(string Said, string Read)> readings)
    {
        _counts = readings.GroupBy(r => r).ToDictionary(g => g.Key, g => g.Count());
        _words = [.. _counts.Keys.Select(k => k.Said).Concat(_counts.Keys.Select(k => k.Read)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Counts the samples of an evaluation.</summary>
    public WordConfusions(ModelEvaluation evaluation)
        : this((evaluation ?? throw new ArgumentNullException(nameof(evaluation))).Samples.Select(s => (s.Expected, s.Text)))
    {
    }

    /// <summary>The mistakes, most frequent first.</summary>
    public IReadOnlyList<(string Said, string Read, int Count)> Mistakes =>
        [.. _counts.Where(c => c.Key.Said != c.Key.Read).OrderByDescending(c => c.Value).Select(c => (c.Key.Said, c.Key.Read, c.Value))];

    internal string ToHtml()
    {
        var html = new StringBuilder("<table class=\"matrix\"><tr><th></th>");
        foreach (var word in _words)
            html.Append($"<th scope=\"col\">{Markup.Words(word)}</th>");
        html.Append("</tr>");
        foreach (var said in _words)
        {
            var total = Math.Max(1, _words.Sum(read => _counts.GetValueOrDefault((said, read))));
            html.Append($"<tr><th scope=\"row\">{Markup.Words(said)}</th>");
            foreach (var read in _words)
            {
                var count = _counts.GetValueOrDefault((said, read));
                var colour = said == read ? "42,157,132" : "208,123,47";
                html.Append(count == 0
                    ? "<td></td>"
                    : Markup.Invariant($"<td style=\"background:rgba({colour},{0.15 + 0.65 * count / total:0.00})\" title=\"{Markup.Encode(said)} → {Markup.Encode(read)}\">{count}</td>"));
            }

            html.Append("</tr>");
        }

        return html.Append("</table><div class=\"soft\">rows: said; columns: read</div>").ToString();
    }
}
