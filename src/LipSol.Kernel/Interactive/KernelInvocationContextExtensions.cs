using LipSol.Kernel.Engine;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.DotNet.Interactive;

/// <summary>What a cell can show through its context.</summary>
public static class KernelInvocationContextExtensions
{
    /// <summary>Shows <paramref name="value"/> in <paramref name="mimeTypes"/> (those it prefers where none is named); the answer updates it in place.</summary>
    public static DisplayedValue Display(this KernelInvocationContext context, object? value, params string[] mimeTypes) =>
        Show(context, FormattedValue.CreateManyFromObject(value, mimeTypes));

    /// <summary>Shows <paramref name="value"/>, which is already written in <paramref name="mimeType"/>.</summary>
    public static DisplayedValue DisplayAs(this KernelInvocationContext context, string value, string mimeType) =>
        Show(context, [new FormattedValue(mimeType, value)]);

    private static DisplayedValue Show(KernelInvocationContext context, IReadOnlyList<FormattedValue> values)
    {
        ArgumentNullException.ThrowIfNull(context);
        var displayed = new DisplayedValue(values, context);
        context.Publish(new DisplayOutput(values.ToBundle(), displayed.DisplayId));
        return displayed;
    }
}
