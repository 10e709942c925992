using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs;

/// <summary>What is kept of a run.</summary>
[GenerateSerializer, Alias("lipsol.RunState")]
internal sealed class RunState
{
    /// <summary>The record; null before the run is created.</summary>
    [Id(0)] public RunRecord? Record { get; set; }

    /// <summary>Rises with every write, so that the index can tell the newer of two records.</summary>
    [Id(1)] public long Revision { get; set; }

    /// <summary>Times the run was started again after a crash since it was last queued by a person.</summary>
    [Id(2)] public int Restarts { get; set; }

    /// <summary>Why someone asked the running attempt to stop; null where nobody did.</summary>
    [Id(3)] public string? StopReason { get; set; }

    /// <summary>Why the running attempt's node is about to leave; null where it isn't.</summary>
    [Id(4)] public string? LeaveReason { get; set; }

    /// <summary>The run whose node is about to leave waits for someone to resume it.</summary>
    [Id(5)] public bool WaitsAfterLeaving { get; set; }

    /// <summary>Artifacts of checkpoints that the run no longer keeps and that are still to be removed; null where there are none.</summary>
    [Id(6)] public List<string>? Unneeded { get; set; }
}
