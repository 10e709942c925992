using System.Text.RegularExpressions;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Packages;

/// <summary>A line that names something to reference, and where it stands in the cell.</summary>
internal abstract partial record ReferenceDirective(int Line)
{
    /// <summary>Reads <c>#r "nuget: Name, version"</c>, <c>#i "nuget:source"</c> and <c>#r "file.dll"</c>; null for any other line.</summary>
    /// <exception cref="CellRefusedException">It is such a line, but can't be understood.</exception>
    public static ReferenceDirective? TryParse(string text, int line)
    {
        var match = Shape().Match(text);
        if (!match.Success)
            return null;
        var isSource = match.Groups["kind"].Value == "i";
        var target = match.Groups["target"].Value.Trim();
        if (target.StartsWith("nuget:", StringComparison.OrdinalIgnoreCase))
        {
            var rest = target["nuget:".Length..].Trim();
            return isSource ? new PackageSourceDirective(line, rest) : PackageDirective.Parse(line, rest);
        }

        return isSource
            ? throw new CellRefusedException("PackageError", $"Line {line}: write #i \"nuget:FOLDER-OR-URL\".")
            : new AssemblyDirective(line, target);
    }

    [GeneratedRegex(@"^\s*#(?<kind>[ri])\s+@?""(""?"")?(?<target>[^""]+)""")]
    private static partial Regex Shape();
}

/// <summary><c>#i "nuget:…"</c>: a folder or an address to take packages from.</summary>
internal sealed record PackageSourceDirective(int Line, string Source) : ReferenceDirective(Line);

/// <summary><c>#r "….dll"</c>.</summary>
internal sealed record AssemblyDirective(int Line, string Path) : ReferenceDirective(Line);

/// <summary><c>#r "nuget: Name, version"</c>; without a version, the newest stable one.</summary>
internal sealed partial record PackageDirective(int Line, string Name, string Version) : ReferenceDirective(Line)
{
    internal static PackageDirective Parse(int line, string text)
    {
        var pieces = text.Split(',', StringSplitOptions.TrimEntries);
        var version = pieces.Length > 1 && pieces[1].Length > 0 ? pieces[1] : "*";
        if (pieces.Length > 2 || !NameShape().IsMatch(pieces[0]) || !VersionShape().IsMatch(version))
            throw new CellRefusedException("PackageError", $"Line {line}: can't read the package \"{text}\". Write #r \"nuget: Name, version\".");
        return new PackageDirective(line, pieces[0], version);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
    private static partial Regex NameShape();

    [GeneratedRegex(@"^(\*|\*-\*|\d[0-9A-Za-z.+*-]{0,63})$")]
    private static partial Regex VersionShape();
}
