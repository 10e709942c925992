using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

// The namespace is part of the contract: notebooks call x.Display() without any using.
namespace System;

/// <summary>Shows values from any cell.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows <paramref name="value"/>; the answer updates it in place.</summary>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) => Context.Display(value, mimeTypes);

    /// <summary>Shows <paramref name="value"/>, which is already written in <paramref name="mimeType"/>.</summary>
    public static DisplayedValue DisplayAs(this string value, string mimeType) => Context.DisplayAs(value, mimeType);

    private static KernelInvocationContext Context =>
        KernelInvocationContext.Current ?? throw new InvalidOperationException("Values can only be displayed while a cell runs.");
}
