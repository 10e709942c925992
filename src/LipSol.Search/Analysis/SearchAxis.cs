using System.Globalization;

namespace LipSol.Search;

/// <summary>An axis of the picture with parallel coordinates: a parameter's scale with a few values marked.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Ticks">Values with their places between 0 and 1.</param>
public sealed record SearchAxis(string Parameter, IReadOnlyList<(string Label, double Place)> Ticks)
{
    private const int MostTicks = 8;

    /// <summary>The axes of a space.</summary>
    public static IReadOnlyList<SearchAxis> Of(SearchSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return [.. space.Parameters.Select(p => new SearchAxis(p.Name, [.. Labels(p.Domain).Select(label => (label, p.Domain.Share(label)))]))];
    }

    private static IEnumerable<string> Labels(Domain domain)
    {
        if (domain.Count <= MostTicks && domain.Grid is { } all) return all;
        return Enumerable.Range(0, 5).Select(i => Short(domain, domain.Format(domain.Low + (domain.High - domain.Low) * i / 4))).Distinct();
    }

    // Three digits are enough to read; what is drawn lies where the rounded value lies.
    private static string Short(Domain domain, string value) => domain is FloatDomain ? double.Parse(value, CultureInfo.InvariantCulture).ToString("G3", CultureInfo.InvariantCulture) : value;
}
