namespace LipSol.Search;

/// <summary>What a search is to do, as <see cref="DefinitionReader"/> reads it.</summary>
public sealed record SearchDefinition
{
    /// <summary>Its name, and that of the experiment that its trials belong to.</summary>
    public required string Name { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>The network; null where it's searched over.</summary>
    public string? Network { get; init; }
    /// <summary>How trials are proposed.</summary>
    public SearchMethod Method { get; init; } = SearchMethod.Tpe;
    /// <summary>How many trials; null (grid only): all.</summary>
    public int? Trials { get; init; }
    /// <summary>Trials under way at once; null: as many as there are slots.</summary>
    public int? Parallel { get; init; }
    /// <summary>Seed of the proposals.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>The metric whose best value counts.</summary>
    public required string Metric { get; init; }
    /// <summary>Whether larger is better.</summary>
    public required bool Maximise { get; init; }
    /// <summary>What is searched over.</summary>
    public required SearchSpace Space { get; init; }
    /// <summary>Parameters that are the same in each trial.</summary>
    public IReadOnlyDictionary<string, string> Fixed { get; init; } = new Dictionary<string, string>();
    /// <summary>How trials are stopped early; null: they aren't.</summary>
    public SuccessiveHalving? Asha { get; init; }
    /// <summary>After so many failures one behind the other the search stops.</summary>
    public int Failures { get; init; } = 3;
    /// <summary>How TPE is set.</summary>
    public TpeSettings Tpe { get; init; } = new();
    /// <summary>How each trial runs.</summary>
    public TrialRun Run { get; init; } = new();
}

/// <summary>How trials are proposed.</summary>
public enum SearchMethod
{
    /// <summary>Every configuration, one behind the other.</summary>
    Grid,
    /// <summary>At random.</summary>
    Random,
    /// <summary>By what earlier trials gave: see <see cref="TpeSampler"/>.</summary>
    Tpe,
}

/// <summary>What each trial's run is given beside its parameters.</summary>
public sealed record TrialRun
{
    /// <summary>Seed of everything random in the run.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>Threads; 0: the slot's.</summary>
    public int Threads { get; init; }
    /// <summary>Higher runs first.</summary>
    public int Priority { get; init; }
    /// <summary>How often it's started again after crashes before it counts as failed.</summary>
    public int Restarts { get; init; } = 3;
    /// <summary>Which checkpoints it keeps; null: as any run.</summary>
    public string? Keep { get; init; }
    /// <summary>It needs a GPU.</summary>
    public bool Gpu { get; init; }
    /// <summary>The GPU's memory, e.g. <c>8GB</c>; null: any.</summary>
    public string? GpuMemory { get; init; }
    /// <summary>Main memory, e.g. <c>8GB</c>; null: any.</summary>
    public string? Memory { get; init; }
    /// <summary>Labels that its node carries.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>A definition that can't be used: the message says where, what is wrong and what to do.</summary>
public sealed class SearchDefinitionException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="problem">What is wrong and what to do.</param>
    /// <param name="inner">What it follows from.</param>
    public SearchDefinitionException(long line, string problem, Exception? inner = null) : base(FormattableString.Invariant($"line {line}: {problem}"), inner) => Line = line;

    /// <summary>The line.</summary>
    public long Line { get; }
}
