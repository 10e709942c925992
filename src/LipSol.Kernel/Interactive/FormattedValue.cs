namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>A value written out in one MIME type.</summary>
public class FormattedValue
{
    /// <summary>Holds <paramref name="value"/> as <paramref name="mimeType"/>.</summary>
    public FormattedValue(string mimeType, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(mimeType);
        MimeType = mimeType;
        Value = value;
    }

    /// <summary>The MIME type, e.g. <c>text/html</c>.</summary>
    public string MimeType { get; }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>Writes <paramref name="value"/> in each of <paramref name="mimeTypes"/>, or in those its formatters prefer where none is named.</summary>
    public static IReadOnlyList<FormattedValue> CreateManyFromObject(object? value, params string[] mimeTypes)
    {
        var wanted = mimeTypes is { Length: > 0 } ? mimeTypes : [.. Formatter.GetPreferredMimeTypesFor(value?.GetType())];
        return [.. wanted.Select(mimeType => new FormattedValue(mimeType, value.ToDisplayString(mimeType)))];
    }
}
