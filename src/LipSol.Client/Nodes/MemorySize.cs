using System.Globalization;

namespace LipSol.Client;

/// <summary>Sizes of memory as people write them: <c>16GB</c>, <c>1.5GB</c>, <c>512MB</c>; a unit is 1024 of the one before.</summary>
public static class MemorySize
{
    private static readonly (string Unit, long Bytes)[] Units =
        [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("TB", 1L << 40), ("GB", 1L << 30), ("MB", 1L << 20), ("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20)];

    /// <summary>The size in bytes.</summary>
    /// <exception cref="FormatException">It's no such size.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
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

    /// <summary>The size in the largest unit of which there is one.</summary>
    public static string Text(long bytes) =>
        bytes >= 1L << 30 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GB") : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.#} MB");
}
