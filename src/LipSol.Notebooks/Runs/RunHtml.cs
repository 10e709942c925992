using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

internal static class RunHtml
{
    public static string Badge(RunStatus status) =>
        $"<span class=\"badge {status switch { RunStatus.Completed => "good", RunStatus.Failed => "bad", RunStatus.Interrupted or RunStatus.Stopped => "warn", _ => "" }}\">{status.ToString().ToLowerInvariant()}</span>";

    public static string Of(Run run)
    {
        var html = new StringBuilder($"<h4>{Markup.Encode(run.Name)} {Badge(run.Status)}</h4>");
        if (run.Reason is not null)
            html.Append($"<div class=\"soft\">{Markup.Encode(run.Reason)}</div>");
        html.Append($"<div class=\"facts\"><span>run {Markup.Short(run.Id)}</span><span>{Markup.Encode(run.Network)} on {Markup.Encode(run.Corpus)}</span><span>data {Markup.Short(run.DataHash)}</span><span>seed {run.Seed}</span>");
        if (run.InitFrom is { } from)
            html.Append($"<span>from the {from.Kind.ToString().ToLowerInvariant()} {Markup.Encode(from.Id)}</span>");
        if (run.StartedAt is { } start && run.EndedAt is { } end)
            html.Append($"<span>{Markup.Duration(end - start)}</span>");
        if (run.OnnxMaxAbsDifference is { } difference)
            html.Append(Markup.Invariant($"<span>ONNX within {difference:0.0e0} of torch</span>"));
        html.Append("</div>");
        return html.Append(FigureTables.Of(run.Figures)).ToString();
    }
}
