using System.Text.Json.Nodes;

namespace LipSol.Kernel.Jupyter;

/// <summary>The cells of this session, for front ends that offer what was run before.</summary>
internal sealed class CellHistory
{
    private readonly List<(int Line, string Source, string? Result)> _cells = [];

    public void Add(int line, string source, string? result) => _cells.Add((line, source, result));

    /// <summary>Answers a <c>history_request</c>: the last ones, a range, or those that match a pattern with <c>*</c> and <c>?</c>.</summary>
    public JsonObject Answer(JupyterMessage request)
    {
        var asked = request.Text("hist_access_type");
        var count = request.Number("n", int.MaxValue);
        IEnumerable<(int Line, string Source, string? Result)> found = asked switch
        {
            "range" => Range(request),
            "search" => Matching(request),
            _ => _cells,
        };
        if (asked != "range")
            found = found.TakeLast(Math.Max(0, count));
        var withOutput = request.Says("output", otherwise: false);
        return new JsonObject
        {
            ["status"] = "ok",
            ["history"] = new JsonArray([.. found.Select(c => (JsonNode)new JsonArray(1, c.Line, withOutput ? new JsonArray(c.Source, c.Result) : (JsonNode)c.Source))]),
        };
    }

    // Sessions are counted from 1, and from the newest backwards with 0 and below: there is only this one.
    private IEnumerable<(int Line, string Source, string? Result)> Range(JupyterMessage request)
    {
        var (start, stop) = (request.Number("start", 1), request.Number("stop", int.MaxValue));
        return request.Number("session", 0) is 0 or 1 ? _cells.Where(c => c.Line >= start && c.Line < stop) : [];
    }

    private IEnumerable<(int Line, string Source, string? Result)> Matching(JupyterMessage request)
    {
        var pattern = request.Text("pattern");
        var found = _cells.Where(c => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern.Length == 0 ? "*" : pattern, c.Source, ignoreCase: false));
        return request.Says("unique", otherwise: false) ? found.Reverse().DistinctBy(c => c.Source).Reverse() : found;
    }
}
