using System.Globalization;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Models;

/// <summary>What figures must reach, as given on the command line: <c>0.9</c>, <c>wer.unseen=0.3</c>.</summary>
internal static class Thresholds
{
    /// <summary>That of the figure compared by, and those of others by metric.</summary>
    /// <exception cref="BadInputException">One isn't a number, or is given twice.</exception>
    public static (double? Own, Dictionary<string, double> Others) Read(IReadOnlyList<string> given)
    {
        double? own = null;
        var others = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.LastIndexOf('=');
            if (!double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold) || !double.IsFinite(threshold))
                throw new BadInputException($"--threshold {text}: give a number, e.g. 0.8, or METRIC=NUMBER, e.g. wer.unseen=0.3.");
            if (at >= 0 ? !others.TryAdd(text[..at], threshold) : own is not null) throw new BadInputException($"--threshold {text}: {(at >= 0 ? text[..at] : "this figure")} has a threshold already.");
            if (at < 0) own = threshold;
        }
        return (own, others);
    }
}
