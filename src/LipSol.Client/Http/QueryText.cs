using System.Globalization;

namespace LipSol.Client;

/// <summary>Builds a query string; parameters without a value are left out.</summary>
internal static class QueryText
{
    public static string Of(params (string Name, object? Value)[] parameters)
    {
        var given = parameters.Where(p => p.Value is not null)
            .Select(p => $"{p.Name}={Uri.EscapeDataString(Text(p.Value!))}").ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    private static string Text(object value) => value switch
    {
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
