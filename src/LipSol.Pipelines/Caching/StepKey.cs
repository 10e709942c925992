using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Pipelines;

/// <summary>All that decides what a step leaves. Two steps with the same key leave the same.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Settings">Its settings that matter, by name; a table's entries as <c>set.epochs</c>.</param>
/// <param name="Inputs">What it takes from elsewhere, by name: the version of a corpus, a run, the state of a folder.</param>
/// <param name="Code">The version of LipSol.</param>
public sealed record StepKey(string Kind, IReadOnlyDictionary<string, string> Settings, IReadOnlyDictionary<string, string> Inputs, string Code)
{
    /// <summary>SHA-256 over all of it.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object[] { Kind, Sorted(Settings), Sorted(Inputs), Code })));

    /// <summary>The key of a step, its settings as they stand in the definition with the run's values put in.</summary>
    public static StepKey Of(StepDefinition step, IReadOnlyDictionary<string, string> inputs, string code)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (SettingRule rule in StepKinds.Of(step).Settings)
        {
            // What another step leaves is an input; which step left it doesn't matter.
            if (rule.DecidesNothing || rule.Type is SettingType.Step or SettingType.Steps || step.Settings.GetValueOrDefault(rule.Name) is not { } setting) continue;
            if (setting.Text is { } text) settings[rule.Name] = text;
            foreach ((string name, string value) in setting.Table ?? new Dictionary<string, string>()) settings[$"{rule.Name}.{name}"] = value;
        }
        return new StepKey(step.Kind, settings, new SortedDictionary<string, string>(inputs.ToDictionary(), StringComparer.Ordinal), code);
    }

    /// <summary>What tells this key from an earlier one, in words; empty where they are the same.</summary>
    public IReadOnlyList<string> Differences(StepKey earlier)
    {
        var differences = new List<string>();
        if (Kind != earlier.Kind) differences.Add($"it was a step of the kind {earlier.Kind}");
        differences.AddRange(Compare(Inputs, earlier.Inputs, ""));
        differences.AddRange(Compare(Settings, earlier.Settings, "setting "));
        if (Code != earlier.Code) differences.Add($"LipSol was {earlier.Code} and is {Code}");
        return differences;
    }

    private static IEnumerable<string> Compare(IReadOnlyDictionary<string, string> now, IReadOnlyDictionary<string, string> before, string what)
    {
        foreach (string name in now.Keys.Union(before.Keys).Order(StringComparer.Ordinal))
        {
            (string? a, string? b) = (before.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (a == b) continue;
            yield return a is null ? $"{what}{name} is new ({Short(b!)})" : b is null ? $"{what}{name} is gone (it was {Short(a)})" : $"{what}{name} was {Short(a)} and is {Short(b)}";
        }
    }

    private static string Short(string value) => value.Length == 32 && value.All(char.IsAsciiHexDigitLower) ? value[..8] : value.Length > 60 ? value[..57] + "…" : value;

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string> values) => new(values.ToDictionary(), StringComparer.Ordinal);
}
