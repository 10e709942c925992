using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>What a model looks at.</summary>
internal static class SaliencyHtml
{
    public static string Of(Saliency found)
    {
        var right = found.Said is null ? "" : found.Said == found.Text ? " <span class=\"badge good\">right</span>" : $" <span class=\"badge bad\">wrong</span> <span class=\"soft\">said:</span> {Markup.Words(found.Said)}";
        return $"<div class=\"card\"><div>{Markup.Words(found.Text, "big")}{right} {Markup.Bar(found.Confidence)}</div>"
            + $"<img style=\"max-width:100%\" alt=\"where and when the model looked\" src=\"data:image/png;base64,{Convert.ToBase64String(found.Picture)}\"/>"
            + $"<div><b>{Markup.Percent(found.MouthShare, 0)}</b> of what speaks for the reading lies on the mouth, which is {Markup.Percent(found.MouthArea, 0)} of the picture.</div>"
            + "<div class=\"soft\">Left: the mean frame. Above: frames as they were; below: what mattered there. Foot: when; the line marks the word. Orange spoke for the reading, blue against it.</div>"
            + $"<div class=\"soft\">{Markup.Encode(found.Model)} version {found.Version}, run {Markup.Short(found.RunId)}, data {Markup.Short(found.DataHash)}</div></div>";
    }
}
