namespace Microsoft.DotNet.Interactive;

/// <summary>A word that was typed hidden, and that shows as dots where it is displayed by mistake.</summary>
public sealed class PasswordString
{
    private readonly string _text;

    internal PasswordString(string text) => _text = text;

    /// <summary>The word itself.</summary>
    public string GetClearTextPassword() => _text;

    /// <summary>Dots, as many as the word has letters.</summary>
    public override string ToString() => new('•', _text.Length);
}
