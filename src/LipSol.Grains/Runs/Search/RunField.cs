namespace LipSol.Grains.Runs.Search;

/// <summary>Something of a run that a search can look at.</summary>
public abstract record RunField;

/// <summary>One of the facts that every run has.</summary>
public sealed record AttributeField(RunAttribute Attribute) : RunField;

/// <summary>A parameter.</summary>
public sealed record ParamField(string Name) : RunField;

/// <summary>A tag.</summary>
public sealed record TagField(string Name) : RunField;

/// <summary>A metric in brief.</summary>
public sealed record MetricField(string Name, MetricValue Value) : RunField;

/// <summary>Which of a metric's values.</summary>
public enum MetricValue
{
    /// <summary>That of the last step.</summary>
    Last,
    /// <summary>The smallest.</summary>
    Minimum,
    /// <summary>The largest.</summary>
    Maximum,
}

/// <summary>The attributes of a run.</summary>
public enum RunAttribute
{
    /// <summary>The run's id.</summary>
    Id,
    /// <summary>Its name.</summary>
    Name,
    /// <summary>Its experiment.</summary>
    Experiment,
    /// <summary>Where it is in its life.</summary>
    Status,
    /// <summary>The network.</summary>
    Network,
    /// <summary>The corpus.</summary>
    Corpus,
    /// <summary>The node it ran on last.</summary>
    Node,
    /// <summary>MD5 of the corpus manifest.</summary>
    DataHash,
    /// <summary>The seed.</summary>
    Seed,
    /// <summary>When it was created.</summary>
    Created,
    /// <summary>When its first attempt began.</summary>
    Started,
    /// <summary>When it ended.</summary>
    Ended,
    /// <summary>From its start to its end.</summary>
    Duration,
}

/// <summary>What the values of an attribute are.</summary>
public enum AttributeKind
{
    /// <summary>Text, compared character by character.</summary>
    Text,
    /// <summary>A whole number.</summary>
    Number,
    /// <summary>A time, in ticks (UTC).</summary>
    Time,
    /// <summary>A length of time, in ticks.</summary>
    Duration,
    /// <summary>One of <see cref="Contracts.Runs.RunStatus"/>.</summary>
    Status,
}

/// <summary>What is known of the attributes: their names in searches and what they are.</summary>
public static class RunAttributes
{
    private static readonly Dictionary<string, RunAttribute> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["id"] = RunAttribute.Id,
        ["run_id"] = RunAttribute.Id,
        ["name"] = RunAttribute.Name,
        ["run_name"] = RunAttribute.Name,
        ["experiment"] = RunAttribute.Experiment,
        ["status"] = RunAttribute.Status,
        ["network"] = RunAttribute.Network,
        ["model"] = RunAttribute.Network,
        ["corpus"] = RunAttribute.Corpus,
        ["node"] = RunAttribute.Node,
        ["data_hash"] = RunAttribute.DataHash,
        ["seed"] = RunAttribute.Seed,
        ["created"] = RunAttribute.Created,
        ["started"] = RunAttribute.Started,
        ["start_time"] = RunAttribute.Started,
        ["ended"] = RunAttribute.Ended,
        ["end_time"] = RunAttribute.Ended,
        ["duration"] = RunAttribute.Duration,
    };

    /// <summary>The names that errors tell.</summary>
    public const string Known = "id, name, experiment, status, network (or model), corpus, node, data_hash, seed, created, started, ended, duration";

    /// <summary>The attribute of this name, in any case; null where there's none.</summary>
    public static RunAttribute? Find(string name) => ByName.TryGetValue(name, out RunAttribute attribute) ? attribute : null;

    /// <summary>What its values are.</summary>
    public static AttributeKind KindOf(RunAttribute attribute) => attribute switch
    {
        RunAttribute.Status => AttributeKind.Status,
        RunAttribute.Seed => AttributeKind.Number,
        RunAttribute.Created or RunAttribute.Started or RunAttribute.Ended => AttributeKind.Time,
        RunAttribute.Duration => AttributeKind.Duration,
        _ => AttributeKind.Text,
    };
}
