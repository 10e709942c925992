namespace LipSol.Language.Text;

/// <summary>Normalises transcripts by their language. Whatever is compared, counted or learnt goes through here first.</summary>
public static class Transcripts
{
    /// <summary>The normalised transcript.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="language">BCP 47 tag; <c>ur</c> (and <c>ur-PK</c> …) by <see cref="UrduText"/>, the rest by <see cref="PlainText"/>.</param>
    public static string Normalise(string text, string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return IsUrdu(language) ? UrduText.Normalise(text) : PlainText.Normalise(text);
    }

    /// <summary>The words of a normalised transcript.</summary>
    public static string[] Words(string normalised) => normalised.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsUrdu(string language) =>
        language.Equals("ur", StringComparison.OrdinalIgnoreCase) || language.StartsWith("ur-", StringComparison.OrdinalIgnoreCase);
}
