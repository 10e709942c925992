using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>How much each parameter mattered, as bars.</summary>
internal static class ImportanceBars
{
    public static string Of(SearchAnalysis analysis)
    {
        if (analysis.Importance is not { } importance) return "<div class=\"soft\">Too few results, or none that differ: nothing can be said of the parameters yet.</div>";
        var rest = Math.Max(0, 1 - importance.Sum(s => s.Share));
        return $"<table><tr><th>parameter</th><th>share of the objective's variance</th></tr>{string.Concat(importance.Select(s => $"<tr><td>{Markup.Encode(s.Parameter)}</td><td>{Markup.Bar(s.Share)}</td></tr>"))}"
            + $"<tr><td class=\"soft\">several together, chance</td><td class=\"soft\">{Markup.Bar(rest)}</td></tr></table>";
    }
}
