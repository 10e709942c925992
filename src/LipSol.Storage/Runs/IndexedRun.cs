using System.Text.Json;
using System.Text.Json.Serialization;
using LipSol.Contracts.Runs;

namespace LipSol.Storage.Runs;

/// <summary>What the run index keeps of a record.</summary>
internal static class IndexedRun
{
    /// <summary>The form of the rows. Raised with every change of what is kept: older rows are then written anew when a silo starts.</summary>
    public const long Shape = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The record as lists have it, as JSON: what lists don't show makes most of a long run's record.</summary>
    public static string ToJson(RunRecord record) => JsonSerializer.Serialize(record with
    {
        Attempts = [],
        Checkpoints = [.. record.Checkpoints.TakeLast(1)],
        Outcome = record.Outcome is { } outcome ? outcome with { Figures = outcome.Figures.Where(f => !f.Key.Contains(".speaker:", StringComparison.Ordinal)).ToDictionary() } : null,
    }, Json);

    public static RunRecord FromJson(string json) => JsonSerializer.Deserialize<RunRecord>(json, Json)!;

    /// <summary>The run's tags: those it was created with, and those set since.</summary>
    public static Dictionary<string, string> Tags(RunRecord record)
    {
        var tags = new Dictionary<string, string>(record.Spec.Tags);
        foreach ((string name, string value) in record.Tags) tags[name] = value;
        return tags;
    }
}
