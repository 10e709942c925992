using System.Text.RegularExpressions;
using LipSol.Kernel.Packages;

namespace LipSol.Kernel.Engine;

/// <summary>What a part of a cell is written in.</summary>
internal enum PartLanguage
{
    CSharp,
    Html,
    Markdown,
}

/// <summary>A run of lines in one language, and the references it asks for. Lines keep their numbers in the cell.</summary>
internal sealed record SubmissionPart(PartLanguage Language, string Code, int FirstLine, IReadOnlyList<ReferenceDirective> References)
{
    /// <summary>The code with as many empty lines in front as stand before it in the cell, so that the compiler's line numbers are the cell's.</summary>
    public string CodeAtItsLines => new string('\n', FirstLine) + Code;

    public bool IsBlank => string.IsNullOrWhiteSpace(Code);
}

/// <summary>Takes a cell apart at its magics (<c>#!html</c>) and takes the references (<c>#r</c>, <c>#i</c>) out of its C#.</summary>
internal static partial class Submission
{
    private static readonly Dictionary<string, PartLanguage> Languages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["csharp"] = PartLanguage.CSharp,
        ["c#"] = PartLanguage.CSharp,
        ["html"] = PartLanguage.Html,
        ["markdown"] = PartLanguage.Markdown,
    };

    /// <summary>The magics that a cell can use, as they are written.</summary>
    public static IEnumerable<string> KnownMagics => Languages.Keys.Select(name => "#!" + name);

    /// <exception cref="CellRefusedException">A magic or a reference can't be read.</exception>
    public static IReadOnlyList<SubmissionPart> Parse(string source, string? language = null)
    {
        var parts = new List<SubmissionPart>();
        var current = LanguageOf(language ?? "csharp", 0);
        var lines = new List<string>();
        var references = new List<ReferenceDirective>();
        int firstLine = 0, number = 0;
        var skipping = false;
        foreach (var line in source.ReplaceLineEndings("\n").Split('\n'))
        {
            if (MagicLine().Match(line) is { Success: true } magic)
            {
                Close();
                // A .dib file opens with a #!meta section for editors; it is nothing to run.
                skipping = magic.Groups["name"].Value == "meta";
                if (!skipping)
                    current = LanguageOf(magic.Groups["name"].Value, number);
                firstLine = number + 1;
            }
            else if (!skipping)
            {
                lines.Add(current == PartLanguage.CSharp && ReferenceDirective.TryParse(line, number + 1) is { } reference ? Take(reference) : line);
            }

            number++;
        }

        Close();
        return parts;

        string Take(ReferenceDirective reference)
        {
            references.Add(reference);
            return "";
        }

        void Close()
        {
            if (lines.Exists(l => !string.IsNullOrWhiteSpace(l)) || references.Count > 0)
                parts.Add(new SubmissionPart(current, string.Join('\n', lines), firstLine, [.. references]));
            lines.Clear();
            references.Clear();
        }
    }

    private static PartLanguage LanguageOf(string name, int line) => Languages.TryGetValue(name, out var language)
        ? language
        : throw new CellRefusedException("MagicError", $"Line {line + 1}: this kernel has no magic #!{name}. It knows {string.Join(", ", KnownMagics)}.");

    [GeneratedRegex(@"^\s*#!(?<name>[A-Za-z][\w#+.-]*)(\s.*)?$")]
    private static partial Regex MagicLine();
}
