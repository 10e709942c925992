namespace LipSol.Client;

/// <summary>Registers a pipeline.</summary>
/// <param name="Definition">Its file (YAML).</param>
public sealed record RegisterPipeline(string Definition);

/// <summary>Begins a run by hand.</summary>
/// <param name="RequestId">The same gives the same run, so that a repeated request begins nothing twice.</param>
public sealed record StartPipeline(string? RequestId = null);

/// <summary>Begins a run for each time that the schedule had on these days.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="RequestId">The same gives the same runs, so that a repeated request begins nothing twice.</param>
public sealed record BackfillPipeline(DateOnly From, DateOnly To, string? RequestId = null);

/// <summary>Cancels a run.</summary>
/// <param name="Reason">Why, for the record.</param>
public sealed record CancelPipelineRun(string? Reason = null);

/// <summary>Where a run of a pipeline is.</summary>
public enum PipelineRunStatus
{
    /// <summary>Others come first.</summary>
    Waiting,
    /// <summary>Something is still to be done.</summary>
    Running,
    /// <summary>It was cancelled, and something is still to end.</summary>
    Cancelling,
    /// <summary>Over, and nothing failed. A gate may have refused.</summary>
    Succeeded,
    /// <summary>Over, and a step failed.</summary>
    Failed,
    /// <summary>Over: it was cancelled.</summary>
    Cancelled,
    /// <summary>No run came of it; the note says why.</summary>
    LeftOut,
}

/// <summary>Where a step is.</summary>
public enum PipelineStepStatus
{
    /// <summary>What it needs isn't there yet.</summary>
    Waiting,
    /// <summary>It's looked up whether it has to be done.</summary>
    Planning,
    /// <summary>It's done now.</summary>
    Running,
    /// <summary>A try failed; the next one comes.</summary>
    Retrying,
    /// <summary>Done.</summary>
    Done,
    /// <summary>What it left in an earlier run was taken.</summary>
    Cached,
    /// <summary>It failed.</summary>
    Failed,
    /// <summary>Something that it needs failed or was cancelled.</summary>
    Blocked,
    /// <summary>A gate before it refused.</summary>
    NotNeeded,
    /// <summary>Cancelled before it was done.</summary>
    Cancelled,
}

/// <summary>A pipeline as it stands.</summary>
public sealed record Pipeline
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What it's for.</summary>
    public string? About { get; init; }
    /// <summary>Counts its definitions, from 1.</summary>
    public required int DefinitionVersion { get; init; }
    /// <summary>The newest definition, as it was written.</summary>
    public required string Definition { get; init; }
    /// <summary>When that was registered.</summary>
    public DateTimeOffset RegisteredAt { get; init; }
    /// <summary>By whom.</summary>
    public string By { get; init; } = "";
    /// <summary>Whether its schedule holds not.</summary>
    public bool Paused { get; init; }
    /// <summary>When it runs, as its file says it; null: by hand only.</summary>
    public string? Cron { get; init; }
    /// <summary>The time zone of that.</summary>
    public string? Zone { get; init; }
    /// <summary>Why its definition can't be read any more (it was registered with another version of LipSol, or its time zone is gone): it doesn't run until it's registered anew. Null where it can.</summary>
    public string? Problem { get; init; }
    /// <summary>When it runs next; null: by hand only, or it's paused.</summary>
    public DateTimeOffset? Next { get; init; }
    /// <summary>The same on the zone's clocks, for people.</summary>
    public string? NextTold { get; init; }
    /// <summary>The number of the run that is under way; null where none is.</summary>
    public int? Running { get; init; }
    /// <summary>The numbers of the runs that wait for it.</summary>
    public IReadOnlyList<int> Waiting { get; init; } = [];
    /// <summary>The number of the newest run; 0 before the first.</summary>
    public int LastNumber { get; init; }
    /// <summary>The run that was over last.</summary>
    public PipelineRunEntry? Last { get; init; }
    /// <summary>What depends on what.</summary>
    public required PipelinePicture Picture { get; init; }
}

/// <summary>A pipeline's steps, drawn.</summary>
/// <param name="Text">For a terminal of 100 columns.</param>
/// <param name="Svg">For pages: legible on light and dark ones.</param>
public sealed record PipelinePicture(string Text, string Svg);

/// <summary>A run in a list, or why there was none.</summary>
public sealed record PipelineRunEntry
{
    /// <summary>The number; 0: no run came of it.</summary>
    public required int Number { get; init; }
    /// <summary>Where it is.</summary>
    public required PipelineRunStatus Status { get; init; }
    /// <summary><c>schedule</c>, <c>hand</c> or <c>backfill</c>.</summary>
    public required string Trigger { get; init; }
    /// <summary>The time it ran for.</summary>
    public required DateTimeOffset For { get; init; }
    /// <summary>The same on the clocks of the schedule's zone, for people: <c>2026-11-30 02:30 Asia/Karachi</c>; null where the pipeline has no schedule.</summary>
    public string? ForTold { get; init; }
    /// <summary>When it was begun, or left out.</summary>
    public DateTimeOffset StartedAt { get; init; }
    /// <summary>When it was over.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Which definition it began with.</summary>
    public int DefinitionVersion { get; init; }
    /// <summary>What came out.</summary>
    public string Note { get; init; } = "";
    /// <summary>Who asked for it.</summary>
    public string By { get; init; } = "";
    /// <summary>Steps that were done.</summary>
    public int Done { get; init; }
    /// <summary>Steps of which what an earlier run left was taken.</summary>
    public int Cached { get; init; }
    /// <summary>Steps that failed.</summary>
    public int Failed { get; init; }

    /// <summary>How long it took; null before its end.</summary>
    public TimeSpan? Duration => EndedAt - StartedAt;
}

/// <summary>A part of what happened, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Total">How many are kept in all.</param>
public sealed record PipelineHistory(IReadOnlyList<PipelineRunEntry> Entries, int Total);

/// <summary>A run of a pipeline.</summary>
public sealed record PipelineRun
{
    /// <summary>The pipeline.</summary>
    public required string Pipeline { get; init; }
    /// <summary>1, 2, 3, …</summary>
    public required int Number { get; init; }
    /// <summary>Which definition it began with, and keeps.</summary>
    public required int DefinitionVersion { get; init; }
    /// <summary>Another definition was registered since: the next run begins with that one. Null where none was.</summary>
    public int? NewerDefinition { get; init; }
    /// <summary>Where it is.</summary>
    public required PipelineRunStatus Status { get; init; }
    /// <summary>Why it was cancelled, or couldn't be gone on with.</summary>
    public string? Reason { get; init; }
    /// <summary><c>schedule</c>, <c>hand</c> or <c>backfill</c>.</summary>
    public required string Trigger { get; init; }
    /// <summary>Who asked for it.</summary>
    public string By { get; init; } = "";
    /// <summary>The time it runs for.</summary>
    public DateTimeOffset For { get; init; }
    /// <summary>That day, in the schedule's zone.</summary>
    public string Day { get; init; } = "";
    /// <summary>When it was begun.</summary>
    public DateTimeOffset StartedAt { get; init; }
    /// <summary>When it was over.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Its steps, each after all that it needs.</summary>
    public required IReadOnlyList<PipelineStep> Steps { get; init; }
    /// <summary>Notices that were sent, or are still to be.</summary>
    public IReadOnlyList<PipelineNotice> Notices { get; init; } = [];
    /// <summary>Its steps, drawn.</summary>
    public required PipelinePicture Picture { get; init; }

    /// <summary>Nothing more happens to it, unless someone goes on with it.</summary>
    public bool IsOver => Status is PipelineRunStatus.Succeeded or PipelineRunStatus.Failed or PipelineRunStatus.Cancelled;

    /// <summary>A step of it.</summary>
    public PipelineStep Step(string name) => Steps.Single(s => s.Name == name);
}

/// <summary>A step of a run.</summary>
public sealed record PipelineStep
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What people call it.</summary>
    public string? Title { get; init; }
    /// <summary>What it does.</summary>
    public required string Kind { get; init; }
    /// <summary>Where it is.</summary>
    public required PipelineStepStatus Status { get; init; }
    /// <summary>The steps that it needs.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];
    /// <summary>Why it was done, taken from an earlier run, blocked or not needed.</summary>
    public string? Why { get; init; }
    /// <summary>Why it, or its last try, failed.</summary>
    public string? Failure { get; init; }
    /// <summary>Tries so far.</summary>
    public int Tries { get; init; }
    /// <summary>How far it is.</summary>
    public string? Progress { get; init; }
    /// <summary>What it left: a run, a version, figures, and a <c>note</c> in words.</summary>
    public IReadOnlyDictionary<string, string> Left { get; init; } = new Dictionary<string, string>();
    /// <summary>The run of the pipeline from which what it left was taken.</summary>
    public int? TakenFrom { get; init; }
    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    /// <summary>When it was over.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>When it's tried again.</summary>
    public DateTimeOffset? NextTryAt { get; init; }
}

/// <summary>A notice.</summary>
/// <param name="Id">The same at every attempt.</param>
/// <param name="Kind">What it's about.</param>
/// <param name="Url">Where it goes.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="DeliveredAt">When it arrived; null where it hasn't.</param>
/// <param name="Failure">Why the last attempt failed.</param>
public sealed record PipelineNotice(string Id, string Kind, string Url, int Attempts, DateTimeOffset? DeliveredAt, string? Failure);
