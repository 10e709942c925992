using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>Figures on test clips as tables: one by speakers, one by decoders.</summary>
internal static class FigureTables
{
    private const string Decoder = "decoder:", Speaker = "speaker:";
    private const int MostSpeakers = 40;

    private static readonly string[] Kinds = ["wer", "cer", "ger", "word_accuracy", "sentence_accuracy"];

    /// <summary>All figures of a run or a version: by speakers, and below by decoders where it has some.</summary>
    public static string Of(IReadOnlyDictionary<string, Estimate> figures)
    {
        if (figures.Count == 0) return "";
        var decoders = figures.Where(f => Scope(f.Key).StartsWith(Decoder, StringComparison.Ordinal)).ToArray();
        var own = figures.Except(decoders).ToDictionary();
        // wer.decoder:grammar.seen is wer.seen of the grammar.
        var rows = decoders.GroupBy(f => Scope(f.Key)[Decoder.Length..].Split('.')[0])
            .Select((g, i) => new DecoderRow(g.Key, g.ToDictionary(f => f.Key.Replace($".{Decoder}{g.Key}", "", StringComparison.Ordinal), f => f.Value)));
        return BySpeaker(own, scope => figures.FirstOrDefault(f => Scope(f.Key) == scope).Value is { } figure ? $"{figure.Count}" : "") + ByDecoder([.. rows], own: null);
    }

    /// <summary>One row a scope, one column a kind: all, seen, unseen, then speakers.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="size">What stands behind a scope's.</param>
    public static string BySpeaker(IReadOnlyDictionary<string, Estimate> figures, Func<string, string> size)
    {
        var kinds = Kinds.Where(figures.ContainsKey).ToArray();
        string[] scopes = [.. figures.Keys.Select(Scope).Distinct().OrderBy(s => s switch { "all" => 0, "seen" => 1, "unseen" => 2, _ => 3 }).ThenBy(s => s, StringComparer.Ordinal)];
        var speakers = scopes.Count(s => s.StartsWith(Speaker, StringComparison.Ordinal));
        var html = new StringBuilder("<table><tr><th>test clips of</th>");
        foreach (var kind in kinds) html.Append($"<th>{Title(kind)}</th>");
        html.Append("<th>n</th></tr>");
        foreach (var scope in scopes.Take(scopes.Length - Math.Max(0, speakers - MostSpeakers)))
        {
            html.Append($"<tr><td>{Markup.Encode(scope switch { "all" => "all speakers", "seen" or "unseen" => scope + " speakers", _ => scope.Replace(Speaker, "", StringComparison.Ordinal) })}</td>");
            foreach (var kind in kinds) html.Append($"<td>{Markup.Interval(figures.GetValueOrDefault(Name(kind, scope)))}</td>");
            html.Append($"<td class=\"soft number\">{size(scope)}</td></tr>");
        }
        html.Append("</table>");
        return speakers > MostSpeakers ? html.Append($"<div class=\"soft\">and {speakers - MostSpeakers} speakers more</div>").ToString() : html.ToString();
    }

    /// <summary>WER, CER and sentence accuracy of each decoder on the same clips, of all speakers, seen and unseen ones, with how far its WER is from the default's; nothing for no decoders.</summary>
    /// <param name="decoders">The decoders.</param>
    /// <param name="own">The default's name, where it's known.</param>
    public static string ByDecoder(IReadOnlyList<DecoderRow> decoders, string? own)
    {
        if (decoders.Count == 0) return "";
        string[] scopes = [.. new[] { "all", "seen", "unseen" }.Where(s => decoders.Any(d => d.Figures.ContainsKey(Name("wer", s))))];
        var kinds = new[] { "wer", "cer", "sentence_accuracy" }.Where(k => decoders.Any(d => d.Figures.ContainsKey(k))).ToArray();
        var (compared, calibrated) = (decoders.Any(d => d.Differences.Count > 0), decoders.Any(d => d.Words is not null));
        var html = new StringBuilder("<h4>Decoders, the same clips</h4><table><tr><th>decoder</th><th>speakers</th>");
        foreach (var kind in kinds) html.Append($"<th>{Title(kind)}</th>");
        if (compared) html.Append($"<th>WER against {Markup.Encode(own)}</th>");
        html.Append("<th>n</th>");
        if (calibrated) html.Append("<th>calibration error, words</th>");
        html.Append("</tr>");
        foreach (var (decoder, i) in decoders.Select((d, i) => (d, i)))
        {
            var colour = Markup.Series[i % Markup.Series.Length];
            foreach (var scope in scopes)
            {
                var span = scope == scopes[0] ? $" rowspan=\"{scopes.Length}\"" : null;
                html.Append("<tr>");
                if (span is not null) html.Append($"<td{span}><span style=\"color:{colour}\">●</span> {Markup.Encode(decoder.Name)} {(decoder.Name == own ? "<span class=\"badge good\">default</span>" : "")}</td>");
                html.Append($"<td>{scope}</td>");
                foreach (var kind in kinds) html.Append($"<td>{Markup.Interval(decoder.Figures.GetValueOrDefault(Name(kind, scope)), colour)}</td>");
                if (compared) html.Append($"<td>{Points(decoder.Differences.GetValueOrDefault(Name("wer", scope)))}</td>");
                html.Append($"<td class=\"soft number\">{decoder.Figures.GetValueOrDefault(Name("wer", scope))?.Count}</td>");
                if (calibrated && span is not null) html.Append($"<td{span} class=\"number\">{(decoder.Words is { } words ? Markup.Percent(words.ExpectedError) : "–")}</td>");
                html.Append("</tr>");
            }
        }
        return html.Append("</table>").ToString();
    }

    /// <summary>What a figure is counted over: <c>all</c> where its name says nothing.</summary>
    public static string Scope(string figure) => figure.IndexOf('.', StringComparison.Ordinal) is var dot && dot < 0 ? "all" : figure[(dot + 1)..];

    private static string Name(string kind, string scope) => scope == "all" ? kind : $"{kind}.{scope}";

    private static string Title(string kind) => kind.Length == 3 ? kind.ToUpperInvariant() : kind.Replace('_', ' ');

    // Of WER: below 0 is better. Soft where the interval holds 0: no difference was seen.
    private static string Points(Estimate? difference)
    {
        if (difference is null) return "";
        var seen = difference.Low > 0 || difference.High < 0;
        return Markup.Invariant($"<span class=\"number{(seen ? "" : " soft")}\">{100 * difference.Value:+0.0;−0.0;0.0} [{100 * difference.Low:+0.0;−0.0;0.0}, {100 * difference.High:+0.0;−0.0;0.0}]</span>");
    }
}

/// <summary>A decoder in a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Figures">Its figures.</param>
internal sealed record DecoderRow(string Name, IReadOnlyDictionary<string, Estimate> Figures)
{
    /// <summary>From the default's, clip by clip.</summary>
    public IReadOnlyDictionary<string, Estimate> Differences { get; init; } = new Dictionary<string, Estimate>();

    /// <summary>Confidence of words.</summary>
    public Reliability? Words { get; init; }
}
