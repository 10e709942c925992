namespace LipSol.Client;

/// <summary>What to search: the definition (YAML), as docs/searches.md explains it.</summary>
public sealed record StartSearch(string Definition);

/// <summary>So many more trials.</summary>
/// <param name="Count">How many.</param>
/// <param name="RequestId">The same adds once, so that a repeated request adds nothing twice.</param>
public sealed record AddTrials(int Count, string? RequestId = null);

/// <summary>Why a search is paused or stopped.</summary>
public sealed record EndSearch(string? Reason = null);

/// <summary>Where a search is in its life.</summary>
public enum SearchStatus
{
    /// <summary>Trials begin and are judged.</summary>
    Running,
    /// <summary>No trial begins until it's resumed.</summary>
    Paused,
    /// <summary>All trials are over.</summary>
    Completed,
    /// <summary>Ended on request.</summary>
    Stopped,
    /// <summary>Gave up: too many trials failed one behind the other.</summary>
    Failed,
}

/// <summary>Where a trial is in its life.</summary>
public enum SearchTrialStatus
{
    /// <summary>Its run begins, waits or runs.</summary>
    Running,
    /// <summary>Its run is completed.</summary>
    Completed,
    /// <summary>Its run was stopped early: at a rung, with its search, or by someone. It has the value that it had.</summary>
    Stopped,
    /// <summary>Its run failed, or gave no objective.</summary>
    Failed,
}

/// <summary>A search for the best parameters: its trials are runs of the experiment of its name.</summary>
public sealed record ParameterSearch
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>The definition, as it was written.</summary>
    public required string Definition { get; init; }
    /// <summary>Where it is.</summary>
    public required SearchStatus Status { get; init; }
    /// <summary>Why it's paused, was stopped, gave up or ended early.</summary>
    public string? Reason { get; init; }
    /// <summary><c>grid</c>, <c>random</c> or <c>tpe</c>.</summary>
    public required string Method { get; init; }
    /// <summary>The metric whose best value counts.</summary>
    public required string Metric { get; init; }
    /// <summary>Whether larger is better.</summary>
    public required bool Maximise { get; init; }
    /// <summary>The network; null where it's searched over.</summary>
    public string? Network { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Seed of the proposals.</summary>
    public required long Seed { get; init; }
    /// <summary>How many trials it's to have.</summary>
    public required int Target { get; init; }
    /// <summary>How many there are so far.</summary>
    public required int TrialCount { get; init; }
    /// <summary>The number of its best trial; 0 where there's none.</summary>
    public int Best { get; init; }
    /// <summary>The best trial's objective; null where there's none.</summary>
    public double? BestObjective { get; init; }
    /// <summary>When it was started.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>The parameters that are searched over, in order.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];
    /// <summary>The trials, by number from 1; empty in lists.</summary>
    public IReadOnlyList<SearchTrial> Trials { get; init; } = [];
    /// <summary>Another one whenever something changed.</summary>
    public long Revision { get; init; }

    /// <summary>The best trial; null where there's none.</summary>
    public SearchTrial? BestTrial() => Trials.FirstOrDefault(t => t.Number == Best);

    /// <summary>Whether nothing of it goes on any more.</summary>
    public bool IsOver() => Status is not (SearchStatus.Running or SearchStatus.Paused) && Trials.All(t => t.Status != SearchTrialStatus.Running);
}

/// <summary>A trial: a run with parameters that were proposed.</summary>
public sealed record SearchTrial
{
    /// <summary>Its number, from 1.</summary>
    public required int Number { get; init; }
    /// <summary>Its run.</summary>
    public required string RunId { get; init; }
    /// <summary>The parameters that are searched over, as proposed; those that don't exist beside the others aren't there.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
    /// <summary>Where it is.</summary>
    public required SearchTrialStatus Status { get; init; }
    /// <summary>Why it was stopped or failed.</summary>
    public string? Reason { get; init; }
    /// <summary>The best value of the metric so far; null where there's none.</summary>
    public double? Objective { get; init; }
    /// <summary>How many values of the metric there are: one an epoch.</summary>
    public int Values { get; init; }
    /// <summary>The rungs that it reached, the first first.</summary>
    public IReadOnlyList<SearchRung> Rungs { get; init; } = [];
    /// <summary>Its place among the results as they came in; 0 before.</summary>
    public int Order { get; init; }
    /// <summary>How many results were known when it was proposed: those with <see cref="Order"/> up to this. With the seed and the number they are all that the proposal follows from.</summary>
    public int Known { get; init; }
    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }
    /// <summary>When its end was seen.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>What a trial had at a rung.</summary>
/// <param name="Values">The values of the metric that the rung takes.</param>
/// <param name="Best">The best of them.</param>
/// <param name="Others">How many others were there before it.</param>
/// <param name="WentOn">Whether it went on.</param>
public sealed record SearchRung(int Values, double Best, int Others, bool WentOn);

/// <summary>A search looked at as a whole.</summary>
/// <param name="Axes">The axes of parallel coordinates, a parameter each.</param>
/// <param name="Coordinates">Each trial's place on each axis.</param>
/// <param name="Importance">How much of the objective's variance over the space follows from each parameter alone, largest first; null where there are too few results to tell (8).</param>
public sealed record SearchAnalysis(IReadOnlyList<CoordinateAxis> Axes, IReadOnlyList<TrialCoordinates> Coordinates, IReadOnlyList<ParameterShare>? Importance);

/// <summary>An axis of parallel coordinates.</summary>
public sealed record CoordinateAxis(string Parameter, IReadOnlyList<AxisTick> Ticks);

/// <summary>A value that is marked on an axis, at a place between 0 and 1.</summary>
public sealed record AxisTick(string Label, double Place);

/// <summary>Where a trial lies on each axis, between 0 and 1; null where it hasn't that parameter.</summary>
public sealed record TrialCoordinates(int Number, IReadOnlyList<double?> Places);

/// <summary>A parameter's share of the objective's variance.</summary>
public sealed record ParameterShare(string Parameter, double Share);
