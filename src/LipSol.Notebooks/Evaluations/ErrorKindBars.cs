using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>Substitutions, deletions and insertions as stacked bars, all of one scale: what is said is 100 %.</summary>
internal static class ErrorKindBars
{
    private const double Width = 220;
    private static readonly (string Name, string Colour)[] Parts = [("substitutions", "#d07b2f"), ("deletions", "#c2558c"), ("insertions", "#7a76dd")];

    public static string Of(EvaluationDetails details)
    {
        var scopes = details.Scopes.OrderBy(s => s.Key switch { "all" => 0, "seen" => 1, "unseen" => 2, _ => 3 }).ThenBy(s => s.Key, StringComparer.Ordinal).ToArray();
        var most = Math.Max(0.01, scopes.SelectMany(s => new[] { Rate(s.Value.Words), Rate(s.Value.Letters) }).DefaultIfEmpty(0).Max());
        var html = new StringBuilder("<h4>Kinds of error</h4><div class=\"facts\">");
        foreach (var (name, colour) in Parts) html.Append($"<span><span style=\"color:{colour}\">■</span> {name}</span>");
        html.Append("</div><table><tr><th></th><th>words</th><th></th><th>letters</th><th></th></tr>");
        foreach (var (scope, counted) in scopes)
        {
            html.Append($"<tr><td>{Markup.Encode(scope.Replace("speaker:", "", StringComparison.Ordinal))}</td>");
            foreach (var kinds in new[] { counted.Words, counted.Letters })
                html.Append($"<td>{Bar(kinds, most)}</td><td class=\"number\">{kinds.Substitutions} + {kinds.Deletions} + {kinds.Insertions} <span class=\"soft\">of {kinds.Said}, {Markup.Percent(Rate(kinds))}</span></td>");
            html.Append("</tr>");
        }
        return html.Append("</table>").ToString();
    }

    private static double Rate(ErrorKinds kinds) => kinds.Errors / (double)Math.Max(1, kinds.Said);

    private static string Bar(ErrorKinds kinds, double most)
    {
        long[] counts = [kinds.Substitutions, kinds.Deletions, kinds.Insertions];
        var label = string.Join(", ", Parts.Zip(counts, (part, count) => $"{part.Name} {Markup.Percent(count / (double)Math.Max(1, kinds.Said))}"));
        var svg = new StringBuilder(Markup.Invariant($"<svg width=\"{Width}\" height=\"12\" viewBox=\"0 0 {Width} 12\" role=\"img\" aria-label=\"{label}\"><title>{label}</title>"));
        var x = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            var width = Width * counts[i] / Math.Max(1, kinds.Said) / most;
            svg.Append(Markup.Invariant($"<rect x=\"{x:0.##}\" y=\"1\" width=\"{width:0.##}\" height=\"10\" fill=\"{Parts[i].Colour}\"/>"));
            x += width;
        }
        return svg.Append("</svg>").ToString();
    }
}
