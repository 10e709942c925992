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
