using System.Text;
using LipSol.Kernel.Magics;
using LipSol.Kernel.Packages;

namespace LipSol.Kernel.Engine;

/// <summary>Takes a cell apart at its magics (<c>#!html</c>) and takes the references (<c>#r</c>, <c>#i</c>) out of its C# and F#.</summary>
internal static class Submission
{
    private static readonly Dictionary<string, PartLanguage> Languages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["csharp"] = PartLanguage.CSharp,
        ["c#"] = PartLanguage.CSharp,
        ["fsharp"] = PartLanguage.FSharp,
        ["f#"] = PartLanguage.FSharp,
        ["html"] = PartLanguage.Html,
        ["markdown"] = PartLanguage.Markdown,
        ["mermaid"] = PartLanguage.Mermaid,
        ["javascript"] = PartLanguage.JavaScript,
        ["js"] = PartLanguage.JavaScript,
        ["value"] = PartLanguage.Value,
        ["model"] = PartLanguage.Model,
    };

    /// <summary>The magics that a cell can use, as they are written.</summary>
    public static IEnumerable<string> KnownMagics => Languages.Keys.Concat(MagicCommands.All.Select(m => m.Name)).Select(name => "#!" + name);

    /// <exception cref="CellRefusedException">A magic or a reference can't be read.</exception>
    public static IReadOnlyList<SubmissionPart> Parse(string source, string? language = null)
    {
        var parts = new List<SubmissionPart>();
        var current = Languages.TryGetValue(language ?? "csharp", out var named) ? named : throw Unknown(language!, 0);
        MagicLine? opened = null;
        var lines = new List<string>();
        var references = new List<ReferenceDirective>();
        int firstLine = 0, number = 0;
        var skipping = false;
        foreach (var line in source.ReplaceLineEndings("\n").Split('\n'))
        {
            if (MagicLine.TryParse(line, number + 1) is { } magic)
            {
                Close();
                // A .dib file opens with a #!meta section for editors; it is nothing to run.
                skipping = magic.Name == "meta";
                if (Languages.TryGetValue(magic.Name, out var chosen))
                    (current, opened) = (chosen, magic);
                else if (MagicCommands.Find(magic.Name) is not null)
                    parts.Add(new MagicPart(magic, current));
                else if (!skipping)
                    throw Unknown(magic.Name, number);
                firstLine = number + 1;
            }
            else if (!skipping)
            {
                lines.Add(current is PartLanguage.CSharp or PartLanguage.FSharp && ReferenceDirective.TryParse(line, number + 1) is { } reference ? Take(reference) : line);
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
            if (lines.Exists(l => !string.IsNullOrWhiteSpace(l)) || references.Count > 0 || opened is { Name: "value" or "model" })
                parts.Add(new CodePart(current, string.Join('\n', lines), firstLine, [.. references], opened));
            if (opened is { Name: "value" or "model" })
                (current, opened) = (PartLanguage.CSharp, null);
            lines.Clear();
            references.Clear();
        }
    }

    /// <summary>What is written at <paramref name="position"/> of a cell that begins in C#.</summary>
    public static PartLanguage LanguageAt(string source, int position)
    {
        var language = PartLanguage.CSharp;
        foreach (var line in source[..position].Split('\n'))
        {
            if (MagicLine.TryParse(line.TrimEnd('\r'), 0) is { } magic && Languages.TryGetValue(magic.Name, out var chosen))
                language = chosen;
        }

        return language;
    }

    /// <summary>The cell's C# alone, every character in its place: what is written in something else, magics and references are blank.</summary>
    public static string OnlyCSharp(string source)
    {
        var masked = new StringBuilder(source.Length);
        var language = PartLanguage.CSharp;
        foreach (var line in source.Split('\n'))
        {
            var magic = MagicLine.TryParse(line.TrimEnd('\r'), 0);
            if (magic is not null && Languages.TryGetValue(magic.Name, out var chosen))
                language = chosen;
            var isCode = magic is null && language == PartLanguage.CSharp && !line.TrimStart().StartsWith("#r ", StringComparison.Ordinal) && !line.TrimStart().StartsWith("#i ", StringComparison.Ordinal);
            masked.Append(isCode ? line : new string(' ', line.Length)).Append('\n');
        }

        return masked.ToString(0, source.Length);
    }

    private static CellRefusedException Unknown(string name, int line) =>
        new("MagicError", $"Line {line + 1}: this kernel has no magic #!{name}. It knows {string.Join(", ", KnownMagics)}.");
}
