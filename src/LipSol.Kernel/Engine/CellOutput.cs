using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Kernel.Engine;

/// <summary>Something a cell shows, in the order in which it happens. Each kind is one message of the Jupyter protocol.</summary>
public abstract record CellOutput;

/// <summary>Text written to <c>stdout</c> or <c>stderr</c>.</summary>
public sealed record StreamOutput(string Stream, string Text) : CellOutput;

/// <summary>A value on show: its text by MIME type, and the place by which it can be updated.</summary>
public sealed record DisplayOutput(IReadOnlyDictionary<string, string> Data, string? DisplayId = null) : CellOutput;

/// <summary>What a place shows from now on, wherever on the page it is.</summary>
public sealed record DisplayUpdate(string DisplayId, IReadOnlyDictionary<string, string> Data) : CellOutput;

/// <summary>The value of the cell's last expression.</summary>
public sealed record ResultOutput(IReadOnlyDictionary<string, string> Data, int ExecutionCount) : CellOutput;

/// <summary>The error that ended the cell.</summary>
public sealed record ErrorOutput(CellError Error) : CellOutput;

internal static class MimeBundle
{
    public static IReadOnlyDictionary<string, string> ToBundle(this IEnumerable<FormattedValue> values)
    {
        var bundle = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values)
            bundle[value.MimeType] = value.Value;
        return bundle;
    }
}
