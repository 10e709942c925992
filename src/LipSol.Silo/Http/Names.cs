namespace LipSol.Silo.Http;

/// <summary>Checks of names and page sizes in requests.</summary>
internal static class Names
{
    /// <summary>A name of letters, digits, <c>-</c>, <c>_</c> and <c>.</c>: it becomes part of grain keys and file names.</summary>
    /// <exception cref="ApiException">It isn't.</exception>
    public static void Require(string name, string what)
    {
        if (name.Length is 0 or > 64 || !char.IsLetterOrDigit(name[0]) || !name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw ApiException.BadRequest($"{what} is \"{name}\". Use letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64.");
    }

    /// <summary>A text for people, in one line.</summary>
    /// <exception cref="ApiException">It isn't.</exception>
    public static void RequireText(string text, string what)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > 200 || text.Any(char.IsControl))
            throw ApiException.BadRequest($"{what} is \"{text}\". Give one line of 1 to 200 characters.");
    }

    /// <summary>Tags or parameters: names of 1 to 250 characters, values of at most 5,000, neither with a character of code 0; of one request at most 1,000.</summary>
    /// <exception cref="ApiException">One isn't, or there are too many.</exception>
    public static void RequirePairs(IReadOnlyDictionary<string, string> pairs, string what)
    {
        if (pairs.Count > 1000) throw ApiException.BadRequest($"{what} are {pairs.Count}. Give at most 1,000.");
        foreach (var (name, value) in pairs)
        {
            if (name.Length is 0 or > 250 || name.Contains('\0', StringComparison.Ordinal))
                throw ApiException.BadRequest($"A name in {what} has {name.Length} characters{(name.Contains('\0', StringComparison.Ordinal) ? ", one of them of code 0" : "")}. Use 1 to 250.");
            if (value is null || value.Length > 5000 || value.Contains('\0', StringComparison.Ordinal))
                throw ApiException.BadRequest($"{what}: the value of \"{name}\" {(value is null ? "is missing" : value.Length > 5000 ? $"has {value.Length} characters" : "has a character of code 0")}. Give a text of at most 5,000 characters.");
        }
    }

    /// <summary>One of an enumeration's names, in any case; null stays null.</summary>
    /// <exception cref="ApiException">It's none of them.</exception>
    public static T? Choice<T>(string? text, string what) where T : struct, Enum =>
        text is null ? null
        : !text.Any(char.IsDigit) && Enum.TryParse<T>(text, ignoreCase: true, out var value) ? value
        : throw ApiException.BadRequest($"{what} is \"{text}\". Known are {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}.");

    /// <summary>A page that makes sense.</summary>
    /// <exception cref="ApiException">It doesn't.</exception>
    public static void RequirePage(int skip, int take, int largest)
    {
        if (skip < 0 || take < 1 || take > largest) throw ApiException.BadRequest($"skip is {skip} and take {take}. Give a skip of 0 or more and a take of 1 to {largest}.");
    }
}
