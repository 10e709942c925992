namespace LipSol.Grains.Runs.Search;

/// <summary>One key of the order that runs are listed in. Runs that don't have it (or where it is NaN) come last, whatever the direction.</summary>
public sealed record RunOrder(RunField Field, bool Descending);

/// <summary>Which runs, in which order, which page.</summary>
public sealed record RunSelection
{
    /// <summary>What they must be.</summary>
    public RunCondition Condition { get; init; } = new AllOf([]);
    /// <summary>The order; runs that are equal in it come by id. Empty: newest first.</summary>
    public IReadOnlyList<RunOrder> Order { get; init; } = [];
    /// <summary>What is done with runs that are deleted.</summary>
    public Contracts.Runs.DeletedRuns Deleted { get; init; }
    /// <summary>How many at most.</summary>
    public int Take { get; init; } = 100;
    /// <summary>So many are passed over; only where <see cref="After"/> is null.</summary>
    public int Skip { get; init; }
    /// <summary>Where the page before ended; null for the first.</summary>
    public string? After { get; init; }
    /// <summary>Whether all that are found are counted.</summary>
    public bool Count { get; init; }
}
