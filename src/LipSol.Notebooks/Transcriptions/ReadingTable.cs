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

/// <summary>Clips with what was said, what was read, and how sure the model is.</summary>
public sealed class ReadingTable(IReadOnlyList<Reading> readings)
{
    /// <summary>The readings.</summary>
    public IReadOnlyList<Reading> Readings { get; } = readings;

    internal string ToHtml()
    {
        var html = new StringBuilder("<table><tr><th>mouth</th><th>speaker</th><th>said</th><th>read</th><th></th><th>confidence</th><th>or</th></tr>");
        foreach (var reading in Readings)
        {
            var next = reading.Read.Alternatives.FirstOrDefault(a => a.Text != reading.Read.Text);
            html.Append($"<tr><td>{(reading.Strip is null ? "" : MouthGallery.Sprite(new MouthPicture(reading.Strip, reading.Clip.Text, "")))}</td>"
                + $"<td>{Markup.Encode(reading.Clip.Speaker)}<br><span class=\"badge {(reading.Clip.Seen ? "good" : "warn")}\">{(reading.Clip.Seen ? "seen" : "unseen")}</span></td>"
                + $"<td>{Markup.Words(reading.Clip.Text)}</td><td style=\"max-width:15em\">{Markup.Words(reading.Read.Text)}{TranscriptionHtml.Alike(reading.Read)}</td>"
                + $"<td>{(reading.IsRight ? "<span class=\"badge good\">right</span>" : "<span class=\"badge bad\">wrong</span>")}</td><td>{Markup.Bar(reading.Read.Confidence)}</td>"
                + $"<td class=\"soft\">{(next is null ? "" : $"{Markup.Words(next.Text)} {Markup.Percent(next.Confidence)}")}</td></tr>");
        }

        return html.Append("</table>").ToString();
    }
}
