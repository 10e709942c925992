using LipSol.Kernel.Engine;

namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>Something on the page that can be replaced in place.</summary>
public class DisplayedValue
{
    private readonly KernelInvocationContext _context;

    internal DisplayedValue(IReadOnlyList<FormattedValue> formattedValues, KernelInvocationContext context)
    {
        FormattedValues = formattedValues;
        _context = context;
    }

    /// <summary>Identifies the place on the page.</summary>
    public string DisplayId { get; } = Guid.NewGuid().ToString("N");

    /// <summary>What it shows now.</summary>
    public IReadOnlyList<FormattedValue> FormattedValues { get; private set; }

    /// <summary>Shows <paramref name="updatedValue"/> in the same place and the same MIME types; works from later cells and from background tasks too.</summary>
    public void Update(object? updatedValue)
    {
        FormattedValues = FormattedValue.CreateManyFromObject(updatedValue, [.. FormattedValues.Select(f => f.MimeType)]);
        (KernelInvocationContext.Current ?? _context).Publish(new DisplayUpdate(DisplayId, FormattedValues.ToBundle()));
    }
}
