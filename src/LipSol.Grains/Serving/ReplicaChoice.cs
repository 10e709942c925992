namespace LipSol.Grains.Serving;

/// <summary>Which node reads next: the one with the fewest requests under way, the nearest (this node) among equals.</summary>
internal static class ReplicaChoice
{
    public static string? Choose(IReadOnlyList<string> nodes, IReadOnlyDictionary<string, int> underWay, string local) =>
        nodes.OrderBy(n => underWay.GetValueOrDefault(n)).ThenBy(n => n != local).FirstOrDefault();
}
