using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

internal static class TranscriptionHtml
{
    public static string Of(Transcription read)
    {
        var html = new StringBuilder($"<div class=\"card\"><div class=\"columns\"><div>{Markup.Words(read.Text, "big")}<div>{Markup.Bar(read.Confidence)}</div></div>");
        if (read.Words.Count > 1)
        {
            html.Append("<table><tr><th>word</th><th>from</th><th>to</th><th>confidence</th></tr>");
            foreach (var word in read.Words)
                html.Append(Markup.Invariant($"<tr><td>{Markup.Words(word.Word)}</td><td class=\"number\">{word.Start:0.00} s</td><td class=\"number\">{word.End:0.00} s</td><td>{Markup.Bar(word.Confidence)}</td></tr>"));
            html.Append("</table>");
        }

        var others = read.Alternatives.Where(a => a.Text != read.Text).Take(4).ToArray();
        if (others.Length > 0)
        {
            html.Append("<table><tr><th colspan=\"2\">or</th></tr>");
            foreach (var other in others)
                html.Append($"<tr><td>{Markup.Words(other.Text)}</td><td>{Markup.Bar(other.Confidence, "amber")}</td></tr>");
            html.Append("</table>");
        }

        html.Append("</div>").Append(Alike(read));
        foreach (var note in read.Notes)
            html.Append($"<div>{Markup.Encode(note)}</div>");
        html.Append(Source(read));
        return html.Append("</div>").ToString();
    }

    public static string Alike(Transcription read) => read.LookAlike.Count == 0
        ? ""
        : $"<div class=\"soft\">looks the same on the lips: {string.Join(" · ", read.LookAlike.Select(w => Markup.Words(w)))}</div>";

    private static string Source(Transcription read)
    {
        var from = read.Provenance;
        return $"<div class=\"soft\">{Markup.Encode(from.Model)} version {from.Version}{(read.Decoder is null ? "" : $", {Markup.Encode(read.Decoder)} decoder")}, run {Markup.Short(from.RunId)}, data {Markup.Short(from.DataHash)}; {from.Frames} frames on {Markup.Encode(from.Device)}"
            + (from.Milliseconds.TryGetValue("total", out var total) ? Markup.Invariant($" in {total:0} ms") : "")
            + (from.Synthetic ? "; trained on drawn speakers only" : "") + "</div>";
    }
}
