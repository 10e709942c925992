namespace LipSol.Client;

/// <summary>Groups of completed runs to put into figures. Runs of a group differ in their seeds alone.</summary>
/// <param name="Groups">The groups.</param>
public sealed record SummariseRuns(IReadOnlyList<RunGroup> Groups);

/// <summary>Runs that belong together.</summary>
/// <param name="Label">What is shown for them.</param>
/// <param name="Runs">Their ids.</param>
/// <param name="Speaker">Count this speaker's test clips alone; null: all.</param>
public sealed record RunGroup(string Label, IReadOnlyList<string> Runs, string? Speaker = null);

/// <summary>Groups of runs in figures.</summary>
public sealed record RunSummaries
{
    /// <summary>The groups, in the order asked for.</summary>
    public required IReadOnlyList<RunGroupSummary> Groups { get; init; }
    /// <summary>Over groups that count one speaker each: the mean over these speakers, with the interval for speakers at large. Empty otherwise.</summary>
    public IReadOnlyDictionary<string, SpreadEstimate> Across { get; init; } = new Dictionary<string, SpreadEstimate>();
}

/// <summary>A group of runs in figures.</summary>
public sealed record RunGroupSummary
{
    /// <summary>As asked for.</summary>
    public required string Label { get; init; }
    /// <summary>The speaker whose test clips alone are counted; null: all.</summary>
    public string? Speaker { get; init; }
    /// <summary>Clips each run was trained on.</summary>
    public required int TrainClips { get; init; }
    /// <summary>Speakers each run was trained on.</summary>
    public required int TrainSpeakers { get; init; }
    /// <summary>Figures by name. <c>.seen</c> counts speakers that every run of the request was trained on, <c>.unseen</c> those that none was: the same test clips in every group.</summary>
    public required IReadOnlyDictionary<string, SpreadEstimate> Figures { get; init; }
    /// <summary>The runs, with their own figures over the same clips.</summary>
    public required IReadOnlyList<RunInGroup> Runs { get; init; }
}

/// <summary>One run of a group.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Figures">Its figures.</param>
public sealed record RunInGroup(string RunId, long Seed, IReadOnlyDictionary<string, double> Figures);

/// <summary>A figure over several runs.</summary>
/// <param name="Mean">The mean over the runs; over speakers, the mean of the speakers' means.</param>
/// <param name="Spread">Standard deviation between them; null for one.</param>
/// <param name="Low">Lower end of the mean's 95 % interval: which clips were tested and which seeds were drawn.</param>
/// <param name="High">Upper end.</param>
/// <param name="Runs">Runs.</param>
/// <param name="Count">Test samples of one run.</param>
/// <param name="Clips">Test clips they lie in.</param>
public sealed record SpreadEstimate(double Mean, double? Spread, double Low, double High, int Runs, int Count, int Clips);

/// <summary>A study with what came out.</summary>
/// <param name="Plan">What was asked.</param>
/// <param name="Runs">Its runs, group by group.</param>
/// <param name="Summaries">The figures; null where a run didn't complete.</param>
public sealed record Study(StudyPlan Plan, IReadOnlyList<IReadOnlyList<Run>> Runs, RunSummaries? Summaries)
{
    /// <summary>Runs that ended without completing.</summary>
    public IEnumerable<Run> Unfinished => Runs.SelectMany(group => group).Where(r => r.Status != RunStatus.Completed);
}

/// <summary>How far a study is.</summary>
/// <param name="Runs">All runs.</param>
/// <param name="Completed">Completed ones.</param>
/// <param name="Progress">0 to 1 over all.</param>
/// <param name="Current">A run that trains now; null where all wait.</param>
public sealed record StudyProgress(int Runs, int Completed, double Progress, Run? Current);
