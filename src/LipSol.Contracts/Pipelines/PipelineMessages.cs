namespace LipSol.Contracts.Pipelines;

/// <summary>A pipeline as it stands.</summary>
[GenerateSerializer, Alias("lipsol.PipelineRecord"), Immutable]
public sealed record PipelineRecord
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string Name { get; init; }
    /// <summary>Counts its definitions, from 1.</summary>
    [Id(1)] public required int DefinitionVersion { get; init; }
    /// <summary>The newest definition, as it was written.</summary>
    [Id(2)] public required string Definition { get; init; }
    /// <summary>When that was registered.</summary>
    [Id(3)] public DateTimeOffset RegisteredAt { get; init; }
    /// <summary>By whom.</summary>
    [Id(4)] public string By { get; init; } = "";
    /// <summary>Whether its schedule holds.</summary>
    [Id(5)] public bool Paused { get; init; }
    /// <summary>When it runs next; null: by hand only, or it's paused.</summary>
    [Id(6)] public DateTimeOffset? Next { get; init; }
    /// <summary>The number of the run that is under way; null where none is.</summary>
    [Id(7)] public int? Running { get; init; }
    /// <summary>The numbers of the runs that wait for it.</summary>
    [Id(8)] public List<int> Waiting { get; init; } = [];
    /// <summary>The number of the newest run; 0 before the first.</summary>
    [Id(9)] public int LastNumber { get; init; }
    /// <summary>The run that was over last.</summary>
    [Id(10)] public PipelineRunSummary? Last { get; init; }
}

/// <summary>A run that a pipeline begins.</summary>
[GenerateSerializer, Alias("lipsol.PipelineRunRequest"), Immutable]
public sealed record PipelineRunRequest
{
    /// <summary>The pipeline.</summary>
    [Id(0)] public required string Pipeline { get; init; }
    /// <summary>Its number.</summary>
    [Id(1)] public required int Number { get; init; }
    /// <summary>Which definition.</summary>
    [Id(2)] public required int DefinitionVersion { get; init; }
    /// <summary>That definition.</summary>
    [Id(3)] public required string Definition { get; init; }
    /// <summary><c>schedule</c>, <c>hand</c> or <c>backfill</c>.</summary>
    [Id(4)] public required string Trigger { get; init; }
    /// <summary>Who asked for it.</summary>
    [Id(5)] public string By { get; init; } = "";
    /// <summary>The time it runs for.</summary>
    [Id(6)] public required DateTimeOffset For { get; init; }
    /// <summary>That day in the schedule's zone, <c>yyyy-MM-dd</c>.</summary>
    [Id(7)] public required string Day { get; init; }
}

/// <summary>A run of a pipeline.</summary>
/// <param name="State">All that is known of it, as <c>LipSol.Pipelines</c> writes it (JSON): steps, why each was done or not, notices.</param>
/// <param name="Progress">How far the steps that are under way have come, by name.</param>
[GenerateSerializer, Alias("lipsol.PipelineRunRecord"), Immutable]
public sealed record PipelineRunRecord([property: Id(0)] string State, [property: Id(1)] Dictionary<string, string> Progress);

/// <summary>A run in a list, or why there was none.</summary>
[GenerateSerializer, Alias("lipsol.PipelineRunSummary"), Immutable]
public sealed record PipelineRunSummary
{
    /// <summary>The number; 0: no run came of it.</summary>
    [Id(0)] public required int Number { get; init; }
    /// <summary><c>schedule</c>, <c>hand</c> or <c>backfill</c>.</summary>
    [Id(1)] public required string Trigger { get; init; }
    /// <summary>The time it ran for.</summary>
    [Id(2)] public required DateTimeOffset For { get; init; }
    /// <summary><c>waiting</c>, <c>running</c>, <c>cancelling</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, or <c>left-out</c>.</summary>
    [Id(3)] public required string Status { get; init; }
    /// <summary>When it was begun, or left out.</summary>
    [Id(4)] public DateTimeOffset StartedAt { get; init; }
    /// <summary>When it was over.</summary>
    [Id(5)] public DateTimeOffset? EndedAt { get; init; }
    /// <summary>Which definition it began with.</summary>
    [Id(6)] public int DefinitionVersion { get; init; }
    /// <summary>What came out: what failed, what was promoted or refused, why it was left out.</summary>
    [Id(7)] public string Note { get; init; } = "";
    /// <summary>Who asked for it.</summary>
    [Id(8)] public string By { get; init; } = "";
    /// <summary>Steps done, taken from earlier runs, failed.</summary>
    [Id(9)] public int Done { get; init; }
    /// <summary>Steps of which what an earlier run left was taken.</summary>
    [Id(10)] public int Cached { get; init; }
    /// <summary>Steps that failed.</summary>
    [Id(11)] public int Failed { get; init; }
}

/// <summary>A part of what happened, newest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Total">How many are kept in all.</param>
[GenerateSerializer, Alias("lipsol.PipelineHistory"), Immutable]
public sealed record PipelineHistory([property: Id(0)] List<PipelineRunSummary> Entries, [property: Id(1)] int Total);
