namespace LipSol.Contracts.Runs;

/// <summary>All that decides a run's numbers. Never changes once written.</summary>
[GenerateSerializer, Alias("lipsol.RunSpec"), Immutable]
public sealed record RunSpec
{
    /// <summary>The experiment it belongs to.</summary>
    [Id(0)] public required string Experiment { get; init; }
    /// <summary>A name for people.</summary>
    [Id(1)] public required string Name { get; init; }
    /// <summary>The network, e.g. <c>word-tcn</c>.</summary>
    [Id(2)] public required string Network { get; init; }
    /// <summary>The corpus' name.</summary>
    [Id(3)] public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    [Id(4)] public required string DataHash { get; init; }
    /// <summary>Parameters, as text, invariant culture.</summary>
    [Id(5)] public required Dictionary<string, string> Parameters { get; init; }
    /// <summary>Seed of everything random in the run.</summary>
    [Id(6)] public long Seed { get; init; } = 1;
    /// <summary>Threads of the worker; part of the spec since sums depend on it. 0 = the slot's share.</summary>
    [Id(7)] public int Threads { get; init; }
    /// <summary>Version of LipSol that made the spec.</summary>
    [Id(8)] public string CodeVersion { get; init; } = "";
    /// <summary>Free tags at creation.</summary>
    [Id(9)] public Dictionary<string, string> Tags { get; init; } = [];
    /// <summary>Higher runs first.</summary>
    [Id(10)] public int Priority { get; init; }
    /// <summary>Times it may be restarted after crashes and lost nodes.</summary>
    [Id(11)] public int MaximumRestarts { get; init; } = 3;
    /// <summary>The weights that the network's encoder starts from; null: random ones.</summary>
    [Id(12)] public InitialWeights? InitFrom { get; init; }
    /// <summary>What it needs of a slot and its node; null: any slot will do.</summary>
    [Id(13)] public RunNeeds? Needs { get; init; }
    /// <summary>Which of its checkpoints it keeps; null: the last and the best. Decides none of its numbers.</summary>
    [Id(14)] public CheckpointRetention? Keep { get; init; }
    /// <summary>The search that it's a trial of; null where it's none. Decides none of its numbers.</summary>
    [Id(15)] public TrialOf? Trial { get; init; }
    /// <summary>MD5 of the network's source, where it's one that a person wrote: fixed when the run is made. Null: one of LipSol's.</summary>
    [Id(16)] public string? NetworkSource { get; init; }
}

/// <summary>The search that a run is a trial of, which is told of its end.</summary>
/// <param name="Search">The search's name.</param>
/// <param name="Metric">The metric of whose new values it's told as well, where it judges the trial by them before its end; null: of none.</param>
[GenerateSerializer, Alias("lipsol.TrialOf"), Immutable]
public sealed record TrialOf([property: Id(0)] string Search, [property: Id(1)] string? Metric);

/// <summary>What a run asks for. A run that asks for what no node has waits, and says so.</summary>
[GenerateSerializer, Alias("lipsol.RunNeeds"), Immutable]
public sealed record RunNeeds
{
    /// <summary>GPUs: 0 or 1 (a slot is one GPU).</summary>
    [Id(0)] public int Gpus { get; init; }
    /// <summary>Main memory of the node for this run alone, in bytes.</summary>
    [Id(1)] public long Memory { get; init; }
    /// <summary>The GPU's memory, in bytes.</summary>
    [Id(2)] public long GpuMemory { get; init; }
    /// <summary>Labels that the node carries.</summary>
    [Id(3)] public List<string> Labels { get; init; } = [];
    /// <summary>That the node confines what it runs. Asked for by the scheduler, for networks that people wrote.</summary>
    [Id(4)] public bool Confinement { get; init; }
}

/// <summary>Where a run is in its life.</summary>
public enum RunStatus
{
    /// <summary>Waits for a slot.</summary>
    Queued,
    /// <summary>A worker trains it.</summary>
    Running,
    /// <summary>Its worker or node went away; can be resumed.</summary>
    Interrupted,
    /// <summary>Stopped on request.</summary>
    Stopped,
    /// <summary>Ended with an error.</summary>
    Failed,
    /// <summary>Done; has an outcome.</summary>
    Completed,
}

/// <summary>The record of a run.</summary>
[GenerateSerializer, Alias("lipsol.RunRecord"), Immutable]
public sealed record RunRecord
{
    /// <summary>The run's id.</summary>
    [Id(0)] public required string Id { get; init; }
    /// <summary>What was asked for.</summary>
    [Id(1)] public required RunSpec Spec { get; init; }
    /// <summary>Where it is.</summary>
    [Id(2)] public RunStatus Status { get; init; }
    /// <summary>Why it waits, was stopped, was interrupted or failed.</summary>
    [Id(3)] public string? Reason { get; init; }
    /// <summary>When it was created.</summary>
    [Id(4)] public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the first attempt began.</summary>
    [Id(5)] public DateTimeOffset? StartedAt { get; init; }
    /// <summary>When it ended.</summary>
    [Id(6)] public DateTimeOffset? EndedAt { get; init; }
    /// <summary>The current lease epoch; 0 before the first.</summary>
    [Id(7)] public long Epoch { get; init; }
    /// <summary>The node it runs on, or ran on last.</summary>
    [Id(8)] public string? Node { get; init; }
    /// <summary>Last, smallest and largest value of each metric.</summary>
    [Id(9)] public Dictionary<string, MetricSummary> Metrics { get; init; } = [];
    /// <summary>The checkpoints that are kept (<see cref="RunSpec.Keep"/>), oldest first; the last is current.</summary>
    [Id(10)] public List<Checkpoint> Checkpoints { get; init; } = [];
    /// <summary>Attempts, oldest first.</summary>
    [Id(11)] public List<RunAttempt> Attempts { get; init; } = [];
    /// <summary>What came out.</summary>
    [Id(12)] public RunOutcome? Outcome { get; init; }
    /// <summary>Tags.</summary>
    [Id(13)] public Dictionary<string, string> Tags { get; init; } = [];
    /// <summary>The worker's last sign of life.</summary>
    [Id(14)] public WorkerHeartbeat? Heartbeat { get; init; }
    /// <summary>It failed since what was asked for can't be done as it stands, so it would fail again.</summary>
    [Id(15)] public bool BadInput { get; init; }
    /// <summary>What the run keeps whatever becomes of it, by name; null where it's nothing.</summary>
    [Id(16)] public Dictionary<string, string>? Kept { get; init; }
    /// <summary>When someone deleted it; null where it isn't. A deleted run is hidden and can be restored until it's purged.</summary>
    [Id(17)] public DateTimeOffset? DeletedAt { get; init; }
    /// <summary>Threads that its workers compute with, the same in each attempt; 0 before the first.</summary>
    [Id(18)] public int Threads { get; init; }
}

/// <summary>One hold of a run on a slot.</summary>
[GenerateSerializer, Alias("lipsol.RunAttempt"), Immutable]
public sealed record RunAttempt([property: Id(0)] long Epoch, [property: Id(1)] string Node, [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] DateTimeOffset? EndedAt, [property: Id(4)] string? Ended, [property: Id(5)] Checkpoint? ResumedFrom);

/// <summary>One value of a metric.</summary>
[GenerateSerializer, Alias("lipsol.MetricPoint"), Immutable]
public readonly record struct MetricPoint([property: Id(0)] string Name, [property: Id(1)] long Step, [property: Id(2)] double Value, [property: Id(3)] DateTimeOffset Time);

/// <summary>A metric in brief.</summary>
[GenerateSerializer, Alias("lipsol.MetricSummary"), Immutable]
public readonly record struct MetricSummary([property: Id(0)] double Last, [property: Id(1)] long LastStep, [property: Id(2)] double Minimum, [property: Id(3)] double Maximum);

/// <summary>A checkpoint: an artifact from which the run can go on.</summary>
[GenerateSerializer, Alias("lipsol.Checkpoint"), Immutable]
public sealed record Checkpoint([property: Id(0)] string Artifact, [property: Id(1)] long Step, [property: Id(2)] double Epoch, [property: Id(3)] DateTimeOffset Time)
{
    /// <summary>How well its weights read <c>val</c>, as training judges it: larger is better. Null where that wasn't measured at this step.</summary>
    [Id(4)] public double? Score { get; init; }
    /// <summary>Counts the run's checkpoints from 1 on, over all attempts; given when it's recorded. 0: of a LipSol that didn't count.</summary>
    [Id(5)] public long Number { get; init; }
    /// <summary>The store had it before the run made it: it's somebody else's as well, and stays when the run lets it go.</summary>
    [Id(6)] public bool WasThere { get; init; }
}

/// <summary>A worker's sign of life.</summary>
[GenerateSerializer, Alias("lipsol.WorkerHeartbeat"), Immutable]
public sealed record WorkerHeartbeat([property: Id(0)] long Step, [property: Id(1)] double Progress, [property: Id(2)] string Phase, [property: Id(3)] DateTimeOffset Time, [property: Id(4)] int ProcessId);

/// <summary>What a completed run leaves.</summary>
[GenerateSerializer, Alias("lipsol.RunOutcome"), Immutable]
public sealed record RunOutcome
{
    /// <summary>MD5 (.dir) of the model folder: model.onnx, model.json.</summary>
    [Id(0)] public required string ModelArtifact { get; init; }
    /// <summary>MD5 of evaluation.json: every test clip with its reading.</summary>
    [Id(1)] public required string EvaluationArtifact { get; init; }
    /// <summary>Figures with intervals, by name (<c>word_accuracy</c>, <c>word_accuracy.seen</c>, <c>word_accuracy.unseen</c>, …), over the test split.</summary>
    [Id(2)] public required Dictionary<string, Estimate> Figures { get; init; }
    /// <summary>Largest logit difference torch against ONNX.</summary>
    [Id(3)] public double OnnxMaxAbsDifference { get; init; }
    /// <summary>Further artifacts by name.</summary>
    [Id(4)] public Dictionary<string, string> Artifacts { get; init; } = [];
}

/// <summary>A figure with its 95 % bootstrap interval and the number of samples behind it.</summary>
[GenerateSerializer, Alias("lipsol.Estimate"), Immutable]
public readonly record struct Estimate([property: Id(0)] double Value, [property: Id(1)] double Low, [property: Id(2)] double High, [property: Id(3)] int Count);

/// <summary>How an attempt ended. <paramref name="BadInput"/>: it failed since what was asked for can't be done as it stands.</summary>
[GenerateSerializer, Alias("lipsol.AttemptEnd"), Immutable]
public sealed record AttemptEnd([property: Id(0)] RunStatus Status, [property: Id(1)] string? Reason, [property: Id(2)] RunOutcome? Outcome, [property: Id(3)] bool BadInput = false);

/// <summary>Something that happened to a run. <paramref name="Cursor"/> counts the metric batches told so far; it stays where only the status or the sign of life changed.</summary>
/// <param name="Cursor">Where to go on from.</param>
/// <param name="Status">Where the run is.</param>
/// <param name="Reason">Why it waits, was stopped, was interrupted or failed.</param>
/// <param name="Points">New points; one that a later attempt wrote again at the same step takes the place of the earlier.</param>
/// <param name="Heartbeat">The worker's last sign of life.</param>
[GenerateSerializer, Alias("lipsol.RunEvent"), Immutable]
public sealed record RunEvent([property: Id(0)] long Cursor, [property: Id(1)] RunStatus Status, [property: Id(2)] string? Reason,
    [property: Id(3)] List<MetricPoint> Points, [property: Id(4)] WorkerHeartbeat? Heartbeat);

/// <summary>An experiment.</summary>
[GenerateSerializer, Alias("lipsol.ExperimentRecord"), Immutable]
public sealed record ExperimentRecord([property: Id(0)] string Name, [property: Id(1)] int Runs, [property: Id(2)] DateTimeOffset CreatedAt);

/// <summary>What to list.</summary>
[GenerateSerializer, Alias("lipsol.RunQuery"), Immutable]
public sealed record RunQuery([property: Id(0)] string? Experiment, [property: Id(1)] RunStatus? Status, [property: Id(2)] int Skip, [property: Id(3)] int Take);

/// <summary>A write under a lease that is no longer the run's.</summary>
[GenerateSerializer, Alias("lipsol.StaleLeaseException")]
public sealed class StaleLeaseException : Exception
{
    /// <summary>Creates it.</summary>
    public StaleLeaseException(string message) : base(message) { }
}

/// <summary>A request that can't be carried out as it stands: the message says what to change.</summary>
[GenerateSerializer, Alias("lipsol.RefusedException")]
public sealed class RefusedException : Exception
{
    /// <summary>Creates it.</summary>
    public RefusedException(string message) : base(message) { }
}
