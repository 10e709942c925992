using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

internal static class CorpusHtml
{
    private const int RefusedShown = 5;

    public static string Of(CorpusSummary corpus) =>
        $"<h4>{Markup.Encode(corpus.Name)} {Kind(corpus)}</h4><div class=\"facts\"><span><b>{corpus.Clips}</b> clips</span><span><b>{corpus.Refused}</b> refused</span>"
        + $"<span><b>{Markup.Percent(corpus.FramesTracked, 2)}</b> of frames tracked</span><span>{Markup.Encode(corpus.Language)}</span><span>data {Markup.Short(corpus.DataHash)}</span></div>"
        + (corpus.Attribution is null ? "" : $"<div class=\"soft\">{Markup.Encode(corpus.Attribution)}</div>");

    public static string Of(CorpusDetails corpus)
    {
        var html = new StringBuilder(Of(corpus.Summary));
        html.Append("<div class=\"columns\"><table><tr><th>speaker</th><th></th><th>train</th><th>val</th><th>test</th></tr>");
        foreach (var s in corpus.Speakers)
            html.Append($"<tr><td>{Markup.Encode(s.Speaker)}</td><td><span class=\"badge {(s.Seen ? "good" : "warn")}\">{(s.Seen ? "seen" : "unseen")}</span></td><td class=\"number\">{s.Train}</td><td class=\"number\">{s.Val}</td><td class=\"number\">{s.Test}</td></tr>");
        html.Append("<tr><th>all</th><th></th>");
        foreach (var split in new[] { "train", "val", "test" })
            html.Append($"<th class=\"number\">{corpus.Splits.GetValueOrDefault(split)}</th>");
        html.Append("</tr></table><div>");
        html.Append($"<h4>{corpus.Words.Count} words</h4><div class=\"words\">");
        foreach (var (word, count) in corpus.Words.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Take(60))
            html.Append($"<span class=\"word\">{Markup.Words(word)} <span class=\"soft number\">{count}</span></span>");
        html.Append("</div>");
        if (corpus.Homophenes.Count > 0)
        {
            html.Append("<h4 style=\"margin-top:.8em\">Alike on the lips</h4><div>");
            html.Append(string.Join(" ", corpus.Homophenes.Select(g => $"<span class=\"badge\">{string.Join(" · ", g.Select(w => Markup.Words(w)))}</span>")));
            html.Append("</div>");
        }

        html.Append("</div></div>");
        if (corpus.RefusedClips.Count > 0)
        {
            html.Append($"<h4>Refused clips</h4><table>");
            foreach (var clip in corpus.RefusedClips.Take(RefusedShown))
                html.Append($"<tr><td class=\"mono\">{Markup.Encode(clip.Id)}</td><td>{Markup.Encode(clip.Reason)}</td></tr>");
            html.Append("</table>");
            if (corpus.RefusedClips.Count > RefusedShown)
                html.Append($"<div class=\"soft\">and {corpus.RefusedClips.Count - RefusedShown} more</div>");
        }

        return html.ToString();
    }

    internal static string Kind(CorpusSummary corpus) =>
        $"<span class=\"badge {(corpus.Kind == "synthetic" ? "warn" : "")}\">{Markup.Encode(corpus.Kind == "synthetic" ? "synthetic: drawn speakers" : corpus.Kind)}</span>";
}
