using LipSol.Contracts.Pipelines;

namespace LipSol.Grains.Pipelines;

/// <summary>What is kept of a pipeline.</summary>
[GenerateSerializer, Alias("lipsol.PipelineState")]
internal sealed class PipelineState
{
    /// <summary>The definitions, oldest first; the last is the one that the next run begins with.</summary>
    [Id(0)] public List<RegisteredDefinition> Definitions { get; set; } = [];

    /// <summary>The schedule holds not.</summary>
    [Id(1)] public bool Paused { get; set; }

    /// <summary>Every time of the schedule up to this was dealt with.</summary>
    [Id(2)] public DateTimeOffset Handled { get; set; }

    /// <summary>The number of the newest run.</summary>
    [Id(3)] public int LastNumber { get; set; }

    /// <summary>The run that is under way. Written down before it's begun, so that none is begun twice.</summary>
    [Id(4)] public PipelineRunRequest? Current { get; set; }

    /// <summary>Runs that wait for it, in order.</summary>
    [Id(5)] public List<PipelineRunRequest> Waiting { get; set; } = [];

    /// <summary>What happened, oldest first.</summary>
    [Id(6)] public List<PipelineRunSummary> History { get; set; } = [];

    /// <summary>What steps left (JSON).</summary>
    [Id(7)] public string Remembered { get; set; } = "[]";

    /// <summary>Which runs a request by hand began, the latest ones.</summary>
    [Id(8)] public List<HandRequest> Requests { get; set; } = [];

    /// <summary>It was taken away.</summary>
    [Id(9)] public bool Deleted { get; set; }

    /// <summary>A run that is to be cancelled, and why. Written down before it's told.</summary>
    [Id(10)] public string? CancelCurrent { get; set; }
}

/// <summary>A definition.</summary>
[GenerateSerializer, Alias("lipsol.RegisteredDefinition"), Immutable]
internal sealed record RegisteredDefinition([property: Id(0)] int Version, [property: Id(1)] string Text, [property: Id(2)] DateTimeOffset At, [property: Id(3)] string By);

/// <summary>A run, or those from <paramref name="Number"/> to <paramref name="Last"/>, that someone asked for.</summary>
[GenerateSerializer, Alias("lipsol.HandRequest"), Immutable]
internal sealed record HandRequest([property: Id(0)] string RequestId, [property: Id(1)] int Number, [property: Id(2)] int Last = 0);

/// <summary>What is kept of a pipeline's run.</summary>
[GenerateSerializer, Alias("lipsol.PipelineRunGrainState")]
internal sealed class PipelineRunGrainState
{
    /// <summary>The run (JSON); null before it's begun.</summary>
    [Id(0)] public string? Run { get; set; }
}

/// <summary>What is kept of the names.</summary>
[GenerateSerializer, Alias("lipsol.PipelineRegistryState")]
internal sealed class PipelineRegistryState
{
    /// <summary>Names in order.</summary>
    [Id(0)] public List<string> Names { get; set; } = [];
}
