using LipSol.Client;

namespace LipSol.Notebooks;

internal static class NodeHtml
{
    public static string Of(NodeStatus node)
    {
        var slots = string.Concat(node.Slots.Select(s =>
            $"<tr><td>{Markup.Encode(s.Node)} / {s.Index}</td><td>{Markup.Encode(s.Device)}</td><td class=\"number\">{s.Threads}</td><td>{(s.RunId is null ? "<span class=\"soft\">free</span>" : Markup.Short(s.RunId))}</td></tr>"));
        return $"<h4>{Markup.Encode(node.Name)} <span class=\"soft\">LipSol {Markup.Encode(node.Version)}</span></h4>"
            + $"<table><tr><th>slot</th><th>device</th><th>threads</th><th>run</th></tr>{slots}</table>"
            + (node.Queue.Count > 0 ? $"<div class=\"soft\">{node.Queue.Count} run{(node.Queue.Count == 1 ? "" : "s")} waiting</div>" : "");
    }
}
