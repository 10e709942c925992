using System.Text.RegularExpressions;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Magics;

/// <summary>A line <c>#!name arguments</c>, and where it stands in the cell (from 1).</summary>
internal sealed partial record MagicLine(string Name, string Arguments, int Line)
{
    /// <summary>The arguments, apart: quotes hold words together.</summary>
    public IReadOnlyList<string> Words { get; } = [.. Word().Matches(Arguments).Select(m => m.Groups["quoted"].Success ? m.Groups["quoted"].Value : m.Value)];

    /// <summary>Null where <paramref name="text"/> is no such line.</summary>
    public static MagicLine? TryParse(string text, int line) =>
        Shape().Match(text) is { Success: true } match ? new MagicLine(match.Groups["name"].Value.ToLowerInvariant(), match.Groups["arguments"].Value.Trim(), line) : null;

    /// <summary>The word after <c>--name</c>; null where it isn't given.</summary>
    public string? Option(string name)
    {
        for (var i = 0; i < Words.Count; i++)
        {
            if (Words[i] == "--" + name)
                return i + 1 < Words.Count ? Words[i + 1] : throw Refused($"--{name} needs a value.");
        }

        return null;
    }

    /// <summary>The words that belong to no option.</summary>
    public IReadOnlyList<string> Plain => [.. Words.Where((word, i) => !word.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !Words[i - 1].StartsWith("--", StringComparison.Ordinal)))];

    /// <summary>An option that isn't among <paramref name="known"/> is an error: it would else do nothing, silently.</summary>
    public void Allow(params string[] known)
    {
        foreach (var word in Words.Where(w => w.StartsWith("--", StringComparison.Ordinal) && !known.Contains(w[2..])))
            throw Refused($"there is no option {word}. It has {string.Join(", ", known.Select(k => "--" + k))}.");
    }

    /// <summary>The error of this line.</summary>
    public CellRefusedException Refused(string why) => new("MagicError", $"Line {Line}: #!{Name}: {why}");

    [GeneratedRegex(@"^\s*#!(?<name>[A-Za-z][\w#+.-]*)(\s+(?<arguments>.*))?\s*$")]
    private static partial Regex Shape();

    [GeneratedRegex(@"""(?<quoted>[^""]*)""|'(?<quoted>[^']*)'|\S+")]
    private static partial Regex Word();
}
