using System.Globalization;

namespace LipSol.Client;

/// <summary>A model version as people write it: <c>urdu-words</c> (the version in production), <c>urdu-words@3</c>, or <c>urdu-words@candidate</c> (where an alias points).</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version; null where an alias is meant.</param>
/// <param name="Alias">The alias; null where a version is given.</param>
public sealed record ModelReference(string Model, int? Version, string? Alias)
{
    /// <summary>The alias that is meant where nothing stands behind the name.</summary>
    public const string Production = "production";

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FormatException">It names no model, or nothing behind its <c>@</c>.</exception>
    public static ModelReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var (model, selector) = at < 0 ? (text, Production) : (text[..at], text[(at + 1)..]);
        if (model.Length == 0 || selector.Length == 0 || selector.Contains('@', StringComparison.Ordinal))
            throw new FormatException($"\"{text}\" names no model version. Write NAME (the version in production), NAME@3, or NAME@candidate.");
        return int.TryParse(selector, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? new ModelReference(model, version, null) : new ModelReference(model, null, selector);
    }

    /// <summary>As it's written.</summary>
    public override string ToString() => Version is { } version ? $"{Model}@{version.ToString(CultureInfo.InvariantCulture)}" : Alias == Production ? Model : $"{Model}@{Alias}";
}
