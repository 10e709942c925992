namespace LipSol.Client;

/// <summary>Which runs to find. <c>docs/history.md</c> has the language.</summary>
/// <example>
/// <code>
/// await foreach (var run in client.Runs.SearchAsync("metrics.val_wer.min &lt; 0.3 AND params.learning_rate = '0.004'", "metrics.val_wer.min"))
///     Console.WriteLine($"{run.Name} {run.Metrics["val_wer"].Minimum}");
/// </code>
/// </example>
public sealed record SearchRuns
{
    /// <summary>What they must be; null: all.</summary>
    public string? Where { get; init; }
    /// <summary>Their order, e.g. <c>metrics.val_wer.min asc, created desc</c>; null: newest first. Runs that lack a key come last.</summary>
    public string? OrderBy { get; init; }
    /// <summary>Only this experiment.</summary>
    public string? Experiment { get; init; }
    /// <summary>Only runs in this state.</summary>
    public RunStatus? Status { get; init; }
    /// <summary>What is done with runs that are deleted.</summary>
    public DeletedRuns Deleted { get; init; }
    /// <summary>How many at most, up to 1000.</summary>
    public int Take { get; init; } = 100;
    /// <summary><see cref="FoundRuns.Next"/> of the page before; null for the first.</summary>
    public string? After { get; init; }
    /// <summary>Whether all runs that are found are counted.</summary>
    public bool Count { get; init; }
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
/// <param name="Runs">The page.</param>
/// <param name="Next">Where the next page begins; null where there's none.</param>
/// <param name="Total">How many runs are found in all, where that was asked for.</param>
public sealed record FoundRuns(IReadOnlyList<Run> Runs, string? Next, long? Total);

/// <summary>A metric's course for drawing.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Width">Steps a bucket: a power of two.</param>
/// <param name="Buckets">Buckets that have points, in order.</param>
public sealed record MetricHistory(string Name, long Width, IReadOnlyList<MetricBucket> Buckets);

/// <summary>The points of some steps in brief.</summary>
/// <param name="FirstStep">The first step that has a point.</param>
/// <param name="LastStep">The last one.</param>
/// <param name="Points">How many points there are.</param>
/// <param name="NotNumbers">How many of them are NaN.</param>
/// <param name="Minimum">The smallest value; NaN where all are.</param>
/// <param name="Maximum">The largest value; NaN where all are.</param>
/// <param name="Last">The value at the last step.</param>
public sealed record MetricBucket(long FirstStep, long LastStep, long Points, long NotNumbers, double Minimum, double Maximum, double Last);
