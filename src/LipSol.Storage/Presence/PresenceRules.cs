using System.Globalization;

namespace LipSol.Storage.Presence;

/// <summary>An entry, as old as the database's clock says.</summary>
internal sealed record NodeEntry(string Name, string Instance, string Incarnation, int Contract, string Version, DateTimeOffset JoinedAt, TimeSpan SinceRenewal)
{
    public bool IsThere => SinceRenewal < PresenceRules.Expiry;

    public bool IsOf(NodeIdentity node) => Name == node.Name && Instance == node.Instance && Incarnation == node.Incarnation;
}

/// <summary>Who may be in the cluster.</summary>
internal static class PresenceRules
{
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(20);
    /// <summary>An answer that took so long can't be compared with a clock any more.</summary>
    public static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LargestClockDifference = TimeSpan.FromSeconds(10);

    /// <exception cref="NodeRefusedException">It may not.</exception>
    public static void CheckJoin(NodeIdentity node, IReadOnlyCollection<NodeEntry> entries)
    {
        if (entries.FirstOrDefault(e => e.Name == node.Name && e.Instance != node.Instance && e.IsThere) is { } namesake)
        {
            throw new NodeRefusedException($"Another node is in the cluster as \"{node.Name}\", with a data folder of its own: {About(namesake)}. "
                + $"Start this one with another --name; or, if that one has ended for good, start this one again in {Seconds(Expiry - namesake.SinceRenewal)}.");
        }
        if (entries.Where(e => e.Name != node.Name && e.IsThere && e.Contract != node.Contract).MaxBy(e => e.Name, StringComparer.Ordinal) is { } other)
        {
            string older = other.Contract < node.Contract
                ? $"upgrade node {other.Name} to version {node.Version}, or start this one with version {other.Version}"
                : $"upgrade this one to version {other.Version}";
            throw new NodeRefusedException($"Node {other.Name} runs contract {other.Contract} (version {other.Version}), this one {node.Contract} (version {node.Version}): they don't understand each other. "
                + $"All nodes of a cluster run the same version: {older}.");
        }
    }

    /// <summary>For a node that isn't, or isn't any more, in the list as it was.</summary>
    /// <exception cref="NodeRefusedException">Another has its name.</exception>
    public static void CheckReturn(NodeIdentity node, IReadOnlyCollection<NodeEntry> entries)
    {
        if (entries.FirstOrDefault(e => e.Name == node.Name && !e.IsOf(node)) is not { } taken) return;
        throw new NodeRefusedException(taken.Instance == node.Instance
            ? $"Node \"{node.Name}\" was started again with this node's data folder ({About(taken)}): this process is no longer the node, and ends."
            : $"While this node was away, another one with a data folder of its own took the name \"{node.Name}\" ({About(taken)}). Start this one with another --name.");
    }

    /// <exception cref="NodeRefusedException">They are too far apart.</exception>
    public static void CheckClock(DateTimeOffset local, DateTimeOffset database)
    {
        TimeSpan difference = (local - database).Duration();
        if (difference <= LargestClockDifference) return;
        throw new NodeRefusedException($"This machine's clock says {Time(local)}, the database's {Time(database)}: {Seconds(difference)} apart, and leases are measured by them. "
            + $"At most {Seconds(LargestClockDifference)} are allowed. Let both follow the same time (timedatectl set-ntp true), then start this node again.");
    }

    private static string About(NodeEntry entry) => $"version {entry.Version}, joined at {Time(entry.JoinedAt)}, last heard of {Seconds(entry.SinceRenewal)} ago";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => $"{Math.Max(1, Math.Ceiling(time.TotalSeconds)).ToString("N0", CultureInfo.InvariantCulture)} s";
}
