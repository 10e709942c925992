namespace LipSol.Client;

/// <summary>What a run needs of a slot and its node. A run that asks for what no node has waits, and says so.</summary>
public sealed record RunNeeds
{
    /// <summary>GPUs: 0 or 1 (a slot is one GPU).</summary>
    public int Gpus { get; init; }
    /// <summary>Main memory of the node for this run alone, in bytes.</summary>
    public long Memory { get; init; }
    /// <summary>The GPU's memory, in bytes.</summary>
    public long GpuMemory { get; init; }
    /// <summary>Labels that the node carries.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
