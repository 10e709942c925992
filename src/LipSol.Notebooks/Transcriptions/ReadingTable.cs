using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>A clip of a corpus and what a model read from it.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Read">What was read.</param>
/// <param name="Strip">Its mouth frames as one picture; null for none.</param>
public sealed record Reading(ClipEntry Clip, Transcription Read, byte[]? Strip = null)
{
    /// <summary>Whether the words are those that were said.</summary>
    public bool IsRight => Clip.Text == Read.Text;
}

/// <summary>Clips with what was said, what was read, and how sure the model is. Readings of one clip that follow each other, by several decoders say, stand beside one picture of it.</summary>
public sealed class ReadingTable(IReadOnlyList<Reading> readings)
{
    /// <summary>The readings.</summary>
    public IReadOnlyList<Reading> Readings { get; } = readings;

    internal string ToHtml()
    {
        var decoders = Readings.Any(r => r.Read.Decoder is not null);
        var html = new StringBuilder($"<table><tr><th>mouth</th><th>speaker</th><th>said</th>{(decoders ? "<th>decoder</th>" : "")}<th>read</th><th></th><th>confidence</th><th>or</th></tr>");
        for (var i = 0; i < Readings.Count;)
        {
            var clip = Readings[i].Clip;
            var ofClip = Readings.Skip(i).TakeWhile(r => r.Clip.Id == clip.Id).ToArray();
            var span = ofClip.Length > 1 ? $" rowspan=\"{ofClip.Length}\"" : "";
            html.Append($"<tr><td{span}>{(ofClip[0].Strip is { } strip ? MouthGallery.Sprite(new MouthPicture(strip, clip.Text, "")) : "")}</td>"
                + $"<td{span}>{Markup.Encode(clip.Speaker)}<br><span class=\"badge {(clip.Seen ? "good" : "warn")}\">{(clip.Seen ? "seen" : "unseen")}</span></td><td{span}>{Markup.Words(clip.Text)}</td>");
            html.AppendJoin("</tr><tr>", ofClip.Select(r => Row(r, decoders))).Append("</tr>");
            i += ofClip.Length;
        }

        return html.Append("</table>").ToString();
    }

    private static string Row(Reading reading, bool decoders)
    {
        var next = reading.Read.Alternatives.FirstOrDefault(a => a.Text != reading.Read.Text);
        return (decoders ? $"<td>{Markup.Encode(reading.Read.Decoder)}</td>" : "")
            + $"<td style=\"max-width:15em\">{(reading.Read.Text.Length == 0 ? "<span class=\"soft\">nothing</span>" : Markup.Words(reading.Read.Text))}{TranscriptionHtml.Alike(reading.Read)}</td>"
            + $"<td>{(reading.IsRight ? "<span class=\"badge good\">right</span>" : "<span class=\"badge bad\">wrong</span>")}</td><td>{Markup.Bar(reading.Read.Confidence)}</td>"
            + $"<td class=\"soft\">{(next is null ? "" : $"{Markup.Words(next.Text)} {Markup.Percent(next.Confidence)}")}</td>";
    }
}
