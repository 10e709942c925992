namespace LipSol.Models.Weights;

/// <summary>What a network starts from.</summary>
public sealed record WeightsSource
{
    /// <summary><c>run</c>, <c>version</c> or <c>file</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>The run's id, the version as <c>model@3</c>, or the file's name.</summary>
    public required string Id { get; init; }
    /// <summary>MD5 of the weights' file: what decides the numbers.</summary>
    public required string ContentHash { get; init; }
    /// <summary>The weights' file: safetensors, a PyTorch state_dict, or a checkpoint.</summary>
    public required string Path { get; init; }
    /// <summary>MD5 of the name mapping; null where names stay as they are.</summary>
    public string? MapHash { get; init; }
    /// <summary>The name mapping's file; null where names stay as they are.</summary>
    public string? MapPath { get; init; }
}
