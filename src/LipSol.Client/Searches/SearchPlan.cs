using System.Text.Json;

namespace LipSol.Client;

/// <summary>A search, written in C# instead of YAML.</summary>
/// <example>
/// <code>
/// var plan = new SearchPlan
/// {
///     Name = "rates", Corpus = "urdu-demo", Network = "word-tcn", Metric = "val_accuracy", Goal = "max", Trials = 20,
///     Space = new Dictionary&lt;string, SearchRange&gt; { ["learning_rate"] = SearchRange.Float(0.0005, 0.01, log: true), ["batch_size"] = SearchRange.Choice(8, 16, 32) },
/// };
/// var search = await client.Searches.StartAsync(plan);
/// </code>
/// </example>
public sealed record SearchPlan
{
    /// <summary>Its name, and that of the experiment that its trials belong to.</summary>
    public required string Name { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>The network; null where <see cref="Space"/> has it.</summary>
    public string? Network { get; init; }
    /// <summary><c>tpe</c>, <c>random</c> or <c>grid</c>.</summary>
    public string Method { get; init; } = "tpe";
    /// <summary>How many trials; null (grid only): all.</summary>
    public int? Trials { get; init; }
    /// <summary>Trials under way at once; null: as many as there are slots.</summary>
    public int? Parallel { get; init; }
    /// <summary>Seed of the proposals.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>The metric whose best value counts.</summary>
    public required string Metric { get; init; }
    /// <summary><c>max</c> or <c>min</c>.</summary>
    public required string Goal { get; init; }
    /// <summary>What is searched over.</summary>
    public required IReadOnlyDictionary<string, SearchRange> Space { get; init; }
    /// <summary>Parameters that are the same in each trial.</summary>
    public IReadOnlyDictionary<string, string> Fixed { get; init; } = new Dictionary<string, string>();
    /// <summary>How trials are stopped early: values before the first rung, and the factor; null: they aren't.</summary>
    public (int Min, int Factor)? Asha { get; init; }
    /// <summary>After so many failures one behind the other the search stops.</summary>
    public int Failures { get; init; } = 3;
    /// <summary>Seed of each run.</summary>
    public long RunSeed { get; init; } = 1;
    /// <summary>Threads of each run; 0: the slot's.</summary>
    public int Threads { get; init; }

    /// <summary>The definition as it's sent (JSON, which is YAML).</summary>
    public string ToDefinition()
    {
        var fields = new Dictionary<string, object?>
        {
            ["name"] = Name,
            ["corpus"] = Corpus,
            ["network"] = Network,
            ["method"] = Method,
            ["trials"] = Trials,
            ["parallel"] = Parallel,
            ["seed"] = Seed,
            ["objective"] = new Dictionary<string, object?> { ["metric"] = Metric, ["goal"] = Goal },
            ["space"] = Space.ToDictionary(p => p.Key, p => (object?)p.Value.Fields),
            ["fixed"] = Fixed.Count == 0 ? null : Fixed,
            ["asha"] = Asha is var (min, factor) ? new Dictionary<string, object?> { ["min"] = min, ["factor"] = factor } : null,
            ["failures"] = Failures,
            ["run"] = new Dictionary<string, object?> { ["seed"] = RunSeed, ["threads"] = Threads },
        };
        return JsonSerializer.Serialize(fields.Where(f => f.Value is not null).ToDictionary(), new JsonSerializerOptions(LipSolJson.Options) { WriteIndented = true });
    }
}

/// <summary>What a parameter may be.</summary>
public sealed class SearchRange
{
    private SearchRange(Dictionary<string, object?> fields) => Fields = fields.Where(f => f.Value is not null).ToDictionary();

    internal Dictionary<string, object?> Fields { get; }

    /// <summary>Any number between two bounds, both included; by its logarithm, or in steps. <paramref name="points"/>: how many a grid goes through.</summary>
    public static SearchRange Float(double from, double to, bool log = false, double? step = null, int? points = null) =>
        new(new() { ["float"] = new[] { from, to }, ["log"] = log ? true : null, ["step"] = step, ["points"] = points });

    /// <summary>A whole number between two bounds, both included.</summary>
    public static SearchRange Int(long from, long to, bool log = false, long? step = null) => new(new() { ["int"] = new[] { from, to }, ["log"] = log ? true : null, ["step"] = step });

    /// <summary>One of several values that have no order.</summary>
    public static SearchRange Choice(params object[] values) => new(new() { ["choice"] = values });

    /// <summary>It exists only where another parameter, a choice, has one of these values.</summary>
    public SearchRange When(string parameter, params object[] values)
    {
        var when = Fields.TryGetValue("when", out var there) ? new Dictionary<string, object?>((Dictionary<string, object?>)there!) : [];
        when[parameter] = values;
        return new SearchRange(new Dictionary<string, object?>(Fields) { ["when"] = when });
    }
}
