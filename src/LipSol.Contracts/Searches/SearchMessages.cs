using LipSol.Contracts.Runs;

namespace LipSol.Contracts.Searches;

/// <summary>What to search.</summary>
/// <param name="Definition">The definition, as people wrote it (YAML).</param>
/// <param name="Template">What each trial's run is but for the parameters that are searched over: its own are the fixed ones.</param>
[GenerateSerializer, Alias("lipsol.SearchRequest"), Immutable]
public sealed record SearchRequest([property: Id(0)] string Definition, [property: Id(1)] RunSpec Template);

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
public enum TrialStatus
{
    /// <summary>Written down; its run begins, waits or runs.</summary>
    Running,
    /// <summary>Its run is completed.</summary>
    Completed,
    /// <summary>Its run was stopped early: at a rung, with its search, or by someone. It has the value that it had.</summary>
    Stopped,
    /// <summary>Its run failed, or gave no objective.</summary>
    Failed,
}

/// <summary>A search.</summary>
[GenerateSerializer, Alias("lipsol.SearchRecord"), Immutable]
public sealed record SearchRecord
{
    /// <summary>Its name, and that of its experiment.</summary>
    [Id(0)] public required string Name { get; init; }
    /// <summary>The definition, as people wrote it.</summary>
    [Id(1)] public required string Definition { get; init; }
    /// <summary>What each trial's run is but for the parameters that are searched over.</summary>
    [Id(2)] public required RunSpec Template { get; init; }
    /// <summary>Where it is.</summary>
    [Id(3)] public SearchStatus Status { get; init; }
    /// <summary>Why it's paused, was stopped, gave up or ended early.</summary>
    [Id(4)] public string? Reason { get; init; }
    /// <summary>How many trials it's to have.</summary>
    [Id(5)] public required int Target { get; init; }
    /// <summary>When it was started.</summary>
    [Id(6)] public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it ended.</summary>
    [Id(7)] public DateTimeOffset? EndedAt { get; init; }
    /// <summary>The trials, by number from 1.</summary>
    [Id(8)] public List<TrialRecord> Trials { get; init; } = [];
    /// <summary>Rises with every change.</summary>
    [Id(9)] public long Revision { get; init; }
    /// <summary>Trials in all: as many as <see cref="Trials"/>, or of a record without them, as many as there are.</summary>
    [Id(10)] public int TrialCount { get; init; }
    /// <summary>Trials up to this one aren't counted when failures are: the search was resumed behind them.</summary>
    [Id(11)] public int ForgivenUpTo { get; init; }
    /// <summary>The number of its best trial; 0 where there's none.</summary>
    [Id(12)] public int Best { get; init; }
    /// <summary>The best trial's objective; NaN where there's none.</summary>
    [Id(13)] public double BestObjective { get; init; } = double.NaN;
    /// <summary>What the names of people's networks stood for when it was started, by name: all its trials train the same. Null: of a LipSol that didn't settle that.</summary>
    [Id(14)] public Dictionary<string, string>? Sources { get; init; }
}

/// <summary>A trial: a run with parameters that were proposed.</summary>
[GenerateSerializer, Alias("lipsol.TrialRecord"), Immutable]
public sealed record TrialRecord
{
    /// <summary>Its number, from 1.</summary>
    [Id(0)] public required int Number { get; init; }
    /// <summary>Its run: decided and written down before it's started.</summary>
    [Id(1)] public required string RunId { get; init; }
    /// <summary>The parameters that are searched over, as proposed.</summary>
    [Id(2)] public required Dictionary<string, string> Parameters { get; init; }
    /// <summary>How many results were known when it was proposed: those with <see cref="Order"/> from 1 to this. With the seed and <see cref="Number"/> they are all that the proposal follows from.</summary>
    [Id(3)] public int Known { get; init; }
    /// <summary>Where it is.</summary>
    [Id(4)] public TrialStatus Status { get; init; }
    /// <summary>Why it was stopped or failed.</summary>
    [Id(5)] public string? Reason { get; init; }
    /// <summary>The best value of the metric so far; NaN where there's none.</summary>
    [Id(6)] public double Objective { get; init; } = double.NaN;
    /// <summary>How many values of the metric there are.</summary>
    [Id(7)] public int Values { get; init; }
    /// <summary>The rungs that it reached, the first first.</summary>
    [Id(8)] public List<RungRecord> Rungs { get; init; } = [];
    /// <summary>Its place among the results as they came in, from 1; 0 before.</summary>
    [Id(9)] public int Order { get; init; }
    /// <summary>When it was proposed.</summary>
    [Id(10)] public DateTimeOffset ProposedAt { get; init; }
    /// <summary>When its end was seen.</summary>
    [Id(11)] public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Why its run is being stopped; null where it isn't. Written down before the run is asked to.</summary>
    [Id(12)] public string? Stopping { get; init; }
}

/// <summary>What a trial had at a rung.</summary>
/// <param name="Values">The values of the metric that the rung takes.</param>
/// <param name="Best">The best of them.</param>
/// <param name="Others">How many others were there before it.</param>
/// <param name="WentOn">Whether it went on.</param>
[GenerateSerializer, Alias("lipsol.RungRecord"), Immutable]
public readonly record struct RungRecord([property: Id(0)] int Values, [property: Id(1)] double Best, [property: Id(2)] int Others, [property: Id(3)] bool WentOn);
