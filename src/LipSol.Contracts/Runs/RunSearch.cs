namespace LipSol.Contracts.Runs;

/// <summary>Which runs to find, as people write it.</summary>
[GenerateSerializer, Alias("lipsol.RunSearch"), Immutable]
public sealed record RunSearch
{
    /// <summary>What they must be, e.g. <c>metrics.val_wer.min &lt; 0.3 AND status = 'completed'</c>; null: all.</summary>
    [Id(0)] public string? Where { get; init; }
    /// <summary>Their order, e.g. <c>metrics.val_wer.min asc, created desc</c>; null: newest first.</summary>
    [Id(1)] public string? OrderBy { get; init; }
    /// <summary>Only this experiment.</summary>
    [Id(2)] public string? Experiment { get; init; }
    /// <summary>Only runs in this state.</summary>
    [Id(3)] public RunStatus? Status { get; init; }
    /// <summary>What is done with runs that are deleted.</summary>
    [Id(4)] public DeletedRuns Deleted { get; init; }
    /// <summary>So many are passed over; only without <see cref="After"/>.</summary>
    [Id(5)] public int Skip { get; init; }
    /// <summary>How many at most.</summary>
    [Id(6)] public int Take { get; init; } = 100;
    /// <summary><see cref="RunPage.Next"/> of the page before; null for the first.</summary>
    [Id(7)] public string? After { get; init; }
    /// <summary>Whether all runs that are found are counted.</summary>
    [Id(8)] public bool Count { get; init; }
}

/// <summary>What a search does with deleted runs.</summary>
public enum DeletedRuns
{
    /// <summary>They aren't found.</summary>
    Hidden,
    /// <summary>Only they are found.</summary>
    Only,
    /// <summary>They are found as the others are.</summary>
    Included,
}

/// <summary>Runs that were found.</summary>
/// <param name="Runs">The page. The records are those of lists: without attempts, with the current checkpoint only, without figures by speaker.</param>
/// <param name="Next">Where the next page begins; null where there's none. Runs that come or go meanwhile move nothing: no run that stays is told twice or left out.</param>
/// <param name="Total">How many runs are found in all; null where that wasn't asked for.</param>
[GenerateSerializer, Alias("lipsol.RunPage"), Immutable]
public sealed record RunPage([property: Id(0)] List<RunRecord> Runs, [property: Id(1)] string? Next, [property: Id(2)] long? Total);

/// <summary>A metric's course for drawing: what is in a picture's columns.</summary>
/// <param name="Width">Steps a bucket: a power of two.</param>
/// <param name="Buckets">Buckets that have points, in order.</param>
[GenerateSerializer, Alias("lipsol.MetricHistory"), Immutable]
public sealed record MetricHistory([property: Id(0)] long Width, [property: Id(1)] List<MetricBucket> Buckets);

/// <summary>The points of some steps in brief.</summary>
/// <param name="FirstStep">The first step that has a point.</param>
/// <param name="LastStep">The last one.</param>
/// <param name="Points">How many points there are.</param>
/// <param name="NotNumbers">How many of them are NaN.</param>
/// <param name="Minimum">The smallest value; NaN where all are.</param>
/// <param name="Maximum">The largest value; NaN where all are.</param>
/// <param name="Last">The value at the last step.</param>
[GenerateSerializer, Alias("lipsol.MetricBucket"), Immutable]
public readonly record struct MetricBucket([property: Id(0)] long FirstStep, [property: Id(1)] long LastStep, [property: Id(2)] long Points, [property: Id(3)] long NotNumbers,
    [property: Id(4)] double Minimum, [property: Id(5)] double Maximum, [property: Id(6)] double Last);
