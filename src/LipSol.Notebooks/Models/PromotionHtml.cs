using LipSol.Client;

namespace LipSol.Notebooks;

internal static class PromotionHtml
{
    public static string Of(PromotionDecision decision)
    {
        var title = decision.Promoted
            ? $"{Markup.Encode(decision.Model)} version {decision.Version} is in production"
            : $"{Markup.Encode(decision.Model)} version {decision.Version} stays a candidate";
        var rows = Row("candidate", decision.Version, decision.Candidate, "#2a9d84") + Row("in production", decision.PreviousVersion, decision.Production, "#7a76dd");
        var asked = string.Join(", ", new[]
        {
            decision.Threshold is { } threshold ? $"{(decision.Metric is "wer" or "cer" ? "at most" : "at least")} {Markup.Percent(threshold)} {Markup.Encode(decision.Metric.Replace('_', ' '))}" : null,
            decision.Production is not null && decision.Confidence is { } confidence ? $"better than production with {Markup.Percent(confidence, 0)} confidence" : null,
        }.OfType<string>());
        var probability = decision.ProbabilityBetter is { } better ? $"<div>Better than production with probability {Markup.Bar(better)}</div>" : "";
        return $"<div class=\"card {(decision.Promoted ? "" : "refused")}\"><h4>{title} <span class=\"badge {(decision.Promoted ? "good" : "warn")}\">{(decision.Promoted ? "promoted" : "refused by the gate")}</span></h4>"
            + $"<div>{Markup.Encode(decision.Reason)}</div><table>{rows}</table>{probability}{(asked.Length > 0 ? $"<div class=\"soft\">The gate asks for {asked}.</div>" : "")}</div>";

        string Row(string name, int? version, Estimate? figure, string colour) => figure is null
            ? ""
            : $"<tr><td>{name}{(version is null ? "" : $" <span class=\"soft\">version {version}</span>")}</td><td>{Markup.Interval(figure, colour)}</td></tr>";
    }
}

internal static class ModelHtml
{
    public static string Of(ModelVersion version) =>
        $"<h4>{Markup.Encode(version.Model)} version {version.Version}</h4><div class=\"facts\"><span>run {Markup.Short(version.RunId)}</span><span>data {Markup.Short(version.DataHash)}</span>"
        + Markup.Invariant($"<span>ONNX within {version.OnnxMaxAbsDifference:0.0e0} of torch</span>")
        + (version.Origin is { } origin ? $"<span>imported: version {origin.Version} of {Markup.Encode(origin.Model)}, code {Markup.Encode(origin.CodeVersion)}</span>" : "")
        + "</div>" + FigureTables.Of(version.Figures);
}
