using System.Text.RegularExpressions;

namespace LipSol.Artifacts.Dvc;

/// <summary>DVC's settings: those of the machine, of the user, of the repository (<c>.dvc/config</c>) and of this copy of it (<c>.dvc/config.local</c>); later ones win.</summary>
/// <remarks>Sections are <c>[core]</c>, <c>[cache]</c> and <c>['remote "name"']</c>; names are compared without case. Nothing is ever written here: secrets stay where they are.</remarks>
public sealed partial class DvcConfig
{
    private readonly Dictionary<string, Dictionary<string, string>> _sections = new(StringComparer.Ordinal);

    private DvcConfig()
    {
    }

    /// <summary>The names of the configured remotes.</summary>
    public IReadOnlyList<string> Remotes => [.. _sections.Keys.Where(k => k.StartsWith("remote ", StringComparison.Ordinal)).Select(k => k["remote ".Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Reads the settings of a <c>.dvc</c> folder.</summary>
    /// <exception cref="DvcException">A file can't be read as settings.</exception>
    public static DvcConfig Load(string dvcFolder)
    {
        var config = new DvcConfig();
        foreach (var file in Files(dvcFolder))
        {
            if (!File.Exists(file)) continue;
            config.Read(File.ReadAllText(file), file);
        }
        return config;
    }

    /// <summary>A value; null where it isn't set.</summary>
    public string? Find(string section, string key) => _sections.TryGetValue(section, out var values) && values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Whether a value is true.</summary>
    public bool IsTrue(string section, string key, bool otherwise = false) => Find(section, key) is { } value ? value.Equals("true", StringComparison.OrdinalIgnoreCase) : otherwise;

    /// <summary>The settings of a remote; null where there's none of this name.</summary>
    public IReadOnlyDictionary<string, string>? Remote(string name) => _sections.GetValueOrDefault("remote " + name.ToLowerInvariant());

    internal void Read(string text, string file)
    {
        Dictionary<string, string>? section = null;
        var number = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (SectionPattern().Match(line) is { Success: true } head)
            {
                section = Section(Unquote(head.Groups["name"].Value.Trim()));
            }
            else if (section is not null && KeyPattern().Match(line) is { Success: true } pair)
            {
                var key = Unquote(pair.Groups["key"].Value.Trim()).ToLowerInvariant();
                section[key] = Resolve(key, WithoutComment(pair.Groups["value"].Value.Trim()), file);
            }
            else
            {
                throw new DvcException($"{file}, line {number}: neither a [section] nor a `key = value`. Correct it, or remove the line.");
            }
        }
    }

    private Dictionary<string, string> Section(string name)
    {
        var key = NamedSection().Match(name) is { Success: true } named ? $"{named.Groups[1].Value.ToLowerInvariant()} {named.Groups[2].Value.ToLowerInvariant()}" : name.ToLowerInvariant();
        if (!_sections.TryGetValue(key, out var section)) _sections[key] = section = new Dictionary<string, string>(StringComparer.Ordinal);
        return section;
    }

    // Paths are relative to the file that says them.
    private static string Resolve(string key, string value, string file)
    {
        if (key is not ("url" or "dir" or "credentialpath" or "configpath") || value.Contains("://", StringComparison.Ordinal)) return value;
        if (value is "~" || value.StartsWith("~/", StringComparison.Ordinal)) value = Home + value[1..];
        return Path.GetFullPath(value, Path.GetDirectoryName(Path.GetFullPath(file))!);
    }

    private static string WithoutComment(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'')
        {
            var end = value.IndexOf(value[0], 1);
            if (end > 0) return value[1..end] + value[(end + 1)..].Split('#')[0].TrimEnd();
        }
        var comment = value.IndexOf('#', StringComparison.Ordinal);
        return (comment < 0 ? value : value[..comment]).TrimEnd();
    }

    private static string Unquote(string text) => text.Length > 1 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : text;

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static IEnumerable<string> Files(string dvcFolder)
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var folder in (Environment.GetEnvironmentVariable("XDG_CONFIG_DIRS") is { Length: > 0 } folders ? folders : "/etc/xdg").Split(':').Reverse()) yield return Path.Combine(folder, "dvc", "config");
            yield return Path.Combine(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } own ? own : Path.Combine(Home, ".config"), "dvc", "config");
        }
        yield return Path.Combine(dvcFolder, "config");
        yield return Path.Combine(dvcFolder, "config.local");
    }

    [GeneratedRegex(@"^\[\s*(?<name>'[^']*'|""[^""]*""|[^\]'""]+)\s*\]\s*(#.*)?$")]
    private static partial Regex SectionPattern();

    [GeneratedRegex(@"^(?<key>'[^']*'|""[^""]*""|[^=\[\]]+?)\s*=(?<value>.*)$")]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^\s*(remote|machine|db)\s*""(.*)""\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex NamedSection();
}
