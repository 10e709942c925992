using System.Globalization;

namespace LipSol.Silo.Node;

/// <summary>Main memory: what there is, and what a person writes.</summary>
internal static class NodeMemory
{
    private static readonly (string Unit, long Bytes)[] Units = [("TB", 1L << 40), ("GB", 1L << 30), ("MB", 1L << 20), ("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20)];

    /// <summary>What the machine has, or the container (cgroup) that this process is in may use, in bytes.</summary>
    public static long Available => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What of it is left for runs: an eighth, but no less than 512 MB and no more than 4 GB, is the node's own.</summary>
    public static long ForRuns(long available) => Math.Max(0, available - Math.Clamp(available / 8, 512L << 20, 4L << 30));

    /// <summary>Reads <c>16GB</c>, <c>1.5GB</c>, <c>512MB</c>; a unit is 1024 of the next one.</summary>
    /// <exception cref="FormatException">It's none of these.</exception>
    public static long Parse(string text)
    {
        var trimmed = text.Trim();
        foreach (var (unit, bytes) in Units)
        {
            if (!trimmed.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            if (double.TryParse(trimmed[..^unit.Length], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var count) && count > 0 && count * bytes < long.MaxValue / 2)
                return (long)(count * bytes);
            break;
        }
        throw new FormatException($"\"{text}\" is no size of memory. Write it as 16GB or 512MB.");
    }
}
