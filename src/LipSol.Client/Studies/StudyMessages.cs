namespace LipSol.Client;

/// <summary>Groups of completed runs to put into figures. Runs of a group differ in their seeds alone.</summary>
/// <param name="Groups">The groups.</param>
/// <param name="Curve">What grows from group to group, where anything does: a curve is fitted then.</param>
/// <param name="Targets">Values that figures are to reach, by figure: how much that takes is answered with the curve. Where a figure has none, half of its present error is asked for.</param>
public sealed record SummariseRuns(IReadOnlyList<RunGroup> Groups, StudyKind? Curve = null, IReadOnlyDictionary<string, double>? Targets = null);

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
    /// <summary>The curve of each figure over the groups' sizes; empty where nothing grows, or at fewer than three sizes.</summary>
    public IReadOnlyDictionary<string, CurveFit> Curves { get; init; } = new Dictionary<string, CurveFit>();
}

/// <summary>How a figure changes with what is recorded: a power law of its error, fitted to the runs.</summary>
/// <param name="Asymptote">The error that no amount of data of this kind takes away.</param>
/// <param name="HasAsymptote">Whether there were sizes enough (four) to tell; it's 0 otherwise, and what lies beyond the runs is the best that can be hoped for.</param>
/// <param name="Exponent">How fast the error falls.</param>
/// <param name="Expected">The figure at sizes from the smallest to beyond the largest.</param>
/// <param name="Needed">How much it takes to reach a value.</param>
public sealed record CurveFit(double Asymptote, bool HasAsymptote, double Exponent, IReadOnlyList<ExpectedValue> Expected, NeededSize Needed);

/// <summary>A figure that the curve expects.</summary>
/// <param name="Size">Clips, or speakers.</param>
/// <param name="Value">The figure.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Beyond">The size by the largest that was trained on: above 1 it's an extrapolation, and above about 10 hardly more than a guess.</param>
public sealed record ExpectedValue(double Size, double Value, double Low, double High, double Beyond);

/// <summary>How much must be recorded for a figure to reach a value.</summary>
/// <param name="Target">The value.</param>
/// <param name="Size">Clips (or speakers) in all; null where the curve never gets there.</param>
/// <param name="More">How many more than there are; null as <paramref name="Size"/>.</param>
/// <param name="Low">Lower end of the size's 95 % interval; null where even that isn't reached.</param>
/// <param name="High">Upper end; null: there is no telling that it's ever reached.</param>
/// <param name="Reaching">The share of the curves that agree with the runs and get there at all.</param>
public sealed record NeededSize(double Target, double? Size, double? More, double? Low, double? High, double Reaching);

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
