using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Pipelines;

/// <summary>Where a step is.</summary>
public enum StepStatus
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

/// <summary>Where a pipeline's run is.</summary>
public enum PipelineStatus
{
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
}

/// <summary>What a run was started by.</summary>
public enum PipelineTrigger
{
    /// <summary>The schedule.</summary>
    Schedule,
    /// <summary>Someone.</summary>
    Hand,
    /// <summary>Someone, for a day in the past.</summary>
    Backfill,
}

/// <summary>One step of a run.</summary>
public sealed record StepState
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>Where it is.</summary>
    public StepStatus Status { get; init; }
    /// <summary>Counts its tries, from 1. What is told of an earlier try than this changes nothing.</summary>
    public int Try { get; init; }
    /// <summary>Tries since it was begun, or gone on with, last.</summary>
    public int TriesInRound { get; init; }
    /// <summary>Why it was done, taken from earlier, blocked or not needed.</summary>
    public string? Why { get; init; }
    /// <summary>Why it, or its last try, failed.</summary>
    public string? Failure { get; init; }
    /// <summary>What decides what it leaves.</summary>
    public StepKey? Key { get; init; }
    /// <summary>What it left, by name.</summary>
    public IReadOnlyDictionary<string, string> Left { get; init; } = new Dictionary<string, string>();
    /// <summary>The run from which what it left was taken.</summary>
    public int? TakenFrom { get; init; }
    /// <summary>What is done outside under this name: written down before it's begun, so that nothing is begun twice.</summary>
    public string? Work { get; init; }
    /// <summary>How far this try has come, in the words of its kind.</summary>
    public string? Mark { get; init; }
    /// <summary>Why this try was given up, as long as it may still go on outside; null where nothing is to be ended.</summary>
    public string? Aborting { get; init; }
    /// <summary>Its first try's begin.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    /// <summary>Its end.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>When this try is given up.</summary>
    public DateTimeOffset? Deadline { get; init; }
    /// <summary>When the next try begins.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>Nothing more happens to it.</summary>
    [JsonIgnore]
    public bool IsOver => Status is StepStatus.Done or StepStatus.Cached or StepStatus.Failed or StepStatus.Blocked or StepStatus.NotNeeded or StepStatus.Cancelled;

    /// <summary>It left what it's there for.</summary>
    [JsonIgnore]
    public bool IsGood => Status is StepStatus.Done or StepStatus.Cached;

    /// <summary>It's a gate that refused: what follows isn't needed.</summary>
    [JsonIgnore]
    public bool Refused => IsGood && Left.GetValueOrDefault(Outputs.Verdict) == "refused";
}

/// <summary>A notice on its way.</summary>
public sealed record NoticeState
{
    /// <summary>The same at every attempt: whoever gets it twice knows by this.</summary>
    public required string Id { get; init; }
    /// <summary>What it's about.</summary>
    public required NoticeKind Kind { get; init; }
    /// <summary>Where it goes.</summary>
    public required string Url { get; init; }
    /// <summary>The step it's about; null: the run.</summary>
    public string? Step { get; init; }
    /// <summary>Attempts made.</summary>
    public int Attempts { get; init; }
    /// <summary>When it's tried; null: it has arrived, or was given up.</summary>
    public DateTimeOffset? NextAt { get; init; }
    /// <summary>When it arrived.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }
    /// <summary>Why the last attempt failed.</summary>
    public string? Failure { get; init; }
}

/// <summary>A pipeline's run: all that is known of it. It changes only by <see cref="PipelineMachine.Apply"/>.</summary>
public sealed record PipelineRunState
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The pipeline.</summary>
    public required string Pipeline { get; init; }
    /// <summary>1, 2, 3, …</summary>
    public required int Number { get; init; }
    /// <summary>Which of the pipeline's definitions it began with, and keeps.</summary>
    public required int DefinitionVersion { get; init; }
    /// <summary>That definition.</summary>
    public required string Definition { get; init; }
    /// <summary>What started it.</summary>
    public PipelineTrigger Trigger { get; init; }
    /// <summary>Who started it; empty: the schedule.</summary>
    public string By { get; init; } = "";
    /// <summary>The time it runs for: when it was due, or the day that is made up for.</summary>
    public required DateTimeOffset For { get; init; }
    /// <summary>That day, in the schedule's zone: <c>2026-11-30</c>.</summary>
    public required string Day { get; init; }
    /// <summary>When it was begun.</summary>
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it was over.</summary>
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Where it is.</summary>
    public PipelineStatus Status { get; init; }
    /// <summary>Why it was cancelled, or couldn't be gone on with.</summary>
    public string? Reason { get; init; }
    /// <summary>How often it was gone on with.</summary>
    public int Round { get; init; }
    /// <summary>The steps, in the order in which they can be done.</summary>
    public required IReadOnlyList<StepState> Steps { get; init; }
    /// <summary>Notices.</summary>
    public IReadOnlyList<NoticeState> Notices { get; init; } = [];

    /// <summary>Nothing more happens to it, unless someone goes on with it.</summary>
    [JsonIgnore]
    public bool IsOver => Status is PipelineStatus.Succeeded or PipelineStatus.Failed or PipelineStatus.Cancelled;

    /// <summary>It's over, nothing of it goes on outside, and all notices have arrived or were given up.</summary>
    [JsonIgnore]
    public bool IsQuiet => IsOver && Steps.All(s => s.Aborting is null) && Notices.All(n => n.NextAt is null);

    /// <summary>A step of it.</summary>
    public StepState Step(string name) => Steps.Single(s => s.Name == name);

    /// <summary>As it's kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>What was kept.</summary>
    public static PipelineRunState FromJson(string json) => JsonSerializer.Deserialize<PipelineRunState>(json, Options) ?? throw new JsonException("There's no run.");
}
