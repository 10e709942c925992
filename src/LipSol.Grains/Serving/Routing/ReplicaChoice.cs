namespace LipSol.Grains.Serving.Routing;

/// <summary>Which node reads next: one that hasn't just failed, then one that has the version, then the one with the fewest requests under way, the nearest (this node) among equals.</summary>
internal static class ReplicaChoice
{
    public static string? Choose(IEnumerable<string> nodes, Func<string, NodeLoad> load, string local) => nodes
        .Select(n => (Node: n, Load: load(n)))
        .OrderBy(n => n.Load.Suspect).ThenBy(n => n.Load.Cold).ThenBy(n => n.Load.UnderWay).ThenBy(n => n.Node != local)
        .FirstOrDefault().Node;
}

/// <summary>What is known here of a node.</summary>
/// <param name="UnderWay">Requests that this node sent there and that aren't answered.</param>
/// <param name="Suspect">It lately didn't answer.</param>
/// <param name="Cold">It lately hadn't loaded the version.</param>
internal readonly record struct NodeLoad(int UnderWay, bool Suspect, bool Cold);
