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
            decision.Threshold is { } threshold ? $"{(decision.Metric.Contains("accuracy", StringComparison.Ordinal) ? "at least" : "at most")} {Markup.Percent(threshold)} {Markup.Encode(decision.Metric.Replace('_', ' '))}" : null,
            decision.Production is not null && decision.Confidence is { } confidence ? $"better than production with {Markup.Percent(confidence, 0)} confidence" : null,
        }.OfType<string>());
        var why = decision switch
        {
            { Promoted: true } => "promoted",
            { Evidence.Passes: true } => "not loaded",
            _ => "refused by the gate",
        };
        var probability = decision.ProbabilityBetter is { } better ? $"<div>Better than production with probability {Markup.Bar(better)}</div>" : "";
        return $"<div class=\"card {(decision.Promoted ? "" : "refused")}\"><h4>{title} <span class=\"badge {(decision.Promoted ? "good" : "warn")}\">{why}</span></h4>"
            + $"<div>{Markup.Encode(decision.Reason)}</div><table>{rows}</table>{probability}{Evidence(decision.Evidence)}{(asked.Length > 0 ? $"<div class=\"soft\">The gate asks for {asked}.</div>" : "")}</div>";

        // The table above is of the figure compared by; what else was asked for stands here.
        static string Evidence(GateEvidence? evidence) => evidence is null ? "" :
            (evidence.Comparison is { } c ? Markup.Invariant($"<div>Difference {100 * c.Difference.Value:+0.0;-0.0;0.0} % [{100 * c.Difference.Low:+0.0;-0.0;0.0}, {100 * c.Difference.High:+0.0;-0.0;0.0}] over {c.Clips} clips, {c.Resamples} paired resamples{(c.MeasuredForThis ? "; production was measured on them for this" : "")}</div>") : "")
            + (evidence.Checks.Count == 0 ? "" : $"<table>{string.Concat(evidence.Checks.Select(Check))}</table>")
            + $"<div class=\"facts\"><span>data {Markup.Short(evidence.DataHash)}</span><span>test {Markup.Short(evidence.TestHash)}</span></div>";

        static string Check(GateCheck check) =>
            $"<tr><td>{(check.Passes ? "✓" : "✗")} {Markup.Encode(check.Metric)}</td><td>{Markup.Interval(check.Figure, check.Passes ? "#2a9d84" : "#d1495b")}</td><td class=\"soft\">{(check.Metric.Contains("accuracy", StringComparison.Ordinal) ? "at least" : "at most")} {Markup.Percent(check.Threshold)}</td></tr>";

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
