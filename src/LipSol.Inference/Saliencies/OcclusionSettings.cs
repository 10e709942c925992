namespace LipSol.Inference;

/// <summary>How finely <see cref="OcclusionSaliency"/> looks.</summary>
public sealed record OcclusionSettings
{
    /// <summary>Edge of the patch that is covered, as a share of the network's picture.</summary>
    public double Patch { get; init; } = 0.2;
    /// <summary>Stretches of frames that are covered, one after the other.</summary>
    public int Windows { get; init; } = 8;
    /// <summary>Patches a patch's edge, and stretches a stretch's length: 2 lays each half over its neighbour.</summary>
    public int Overlap { get; init; } = 2;
    /// <summary>Covered clips that are read in one pass.</summary>
    public int Batch { get; init; } = 32;
}
