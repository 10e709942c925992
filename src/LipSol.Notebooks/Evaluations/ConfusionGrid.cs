using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>What was read as what, as a grid: rows are what was said, columns what was read. The page's direction doesn't turn it, and every letter runs in its own.</summary>
/// <remarks>Of many, those with the most mistakes are shown; the list of the most frequent mistakes beside the grid is over all of them.</remarks>
public sealed class ConfusionGrid(string title, IReadOnlyList<ReadAs> readings)
{
    private const string Nothing = "∅", Space = "␣";

    /// <summary>What stands above it.</summary>
    public string Title { get; } = title;

    /// <summary>Most rows and columns.</summary>
    public int Most { get; init; } = 24;

    /// <summary>Most mistakes listed.</summary>
    public int Listed { get; init; } = 12;

    /// <summary>The mistakes, most frequent first.</summary>
    public IReadOnlyList<ReadAs> Mistakes { get; } = [.. readings.Where(r => r.Said != r.Read && r.Count > 0).OrderByDescending(r => r.Count).ThenBy(r => r.Said, StringComparer.Ordinal).ThenBy(r => r.Read, StringComparer.Ordinal)];

    internal string ToHtml()
    {
        if (readings.Count == 0) return "";
        var counts = readings.ToDictionary(r => (r.Said, r.Read), r => r.Count);
        var all = readings.SelectMany(r => new[] { r.Said, r.Read }).Distinct().ToArray();
        var shown = all.OrderByDescending(s => Mistakes.Where(m => m.Said == s || m.Read == s).Sum(m => m.Count)).ThenBy(s => s, StringComparer.Ordinal).Take(Most).Order(StringComparer.Ordinal).ToArray();

        var html = new StringBuilder($"<div><h4>{Markup.Encode(Title)}</h4><table class=\"matrix\" dir=\"ltr\"><tr><th></th>");
        foreach (var read in shown) html.Append($"<th scope=\"col\">{Label(read)}</th>");
        html.Append("</tr>");
        foreach (var said in shown)
        {
            var total = Math.Max(1, readings.Where(r => r.Said == said).Sum(r => r.Count));
            html.Append($"<tr><th scope=\"row\">{Label(said)}</th>");
            foreach (var read in shown)
            {
                var count = counts.GetValueOrDefault((said, read));
                var colour = said == read ? "42,157,132" : "208,123,47";
                html.Append(count == 0 ? "<td></td>"
                    : Markup.Invariant($"<td style=\"background:rgba({colour},{0.15 + 0.65 * Math.Min(1, count / (double)total):0.00})\" title=\"{Plain(said)} → {Plain(read)}\">{count}</td>"));
            }
            html.Append("</tr>");
        }
        html.Append($"</table><div class=\"soft\">rows: said; columns: read; {Nothing}: nothing{(all.Contains(" ") ? $"; {Space}: the space between words" : "")}{(all.Length > shown.Length ? $"; {all.Length - shown.Length} more are left out" : "")}</div>");
        if (Mistakes.Count > 0)
        {
            html.Append("<div class=\"words\" dir=\"ltr\">");
            foreach (var mistake in Mistakes.Take(Listed)) html.Append($"<span class=\"word\">{Label(mistake.Said)} → {Label(mistake.Read)} <span class=\"soft number\">{mistake.Count}</span></span>");
            html.Append("</div>");
        }
        return html.Append("</div>").ToString();
    }

    private static string Label(string symbol) => symbol switch { "" => Nothing, " " => Space, _ => Markup.Words(symbol) };

    // First strong isolate and pop directional isolate (Unicode annex 9): a tooltip is plain text, and an arrow between two Urdu letters would turn around.
    private static string Plain(string symbol) => symbol switch { "" => Nothing, " " => Space, _ => $"\u2068{Markup.Encode(symbol)}\u2069" };
}
