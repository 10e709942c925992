using LipSol.Contracts.Models;

namespace LipSol.Grains.Models;

/// <summary>What is kept of a model.</summary>
[GenerateSerializer, Alias("lipsol.ModelState")]
internal sealed class ModelState
{
    /// <summary>Versions, oldest first: version n is at n − 1.</summary>
    [Id(0)] public List<ModelVersion> Versions { get; set; } = [];

    /// <summary>Aliases.</summary>
    [Id(1)] public Dictionary<string, int> Aliases { get; set; } = [];

    /// <summary>Promotions, refusals and rollbacks, oldest first; the latest are kept.</summary>
    [Id(2)] public List<PromotionDecision> Decisions { get; set; } = [];

    /// <summary>The versions that were in production before, oldest first: the way back.</summary>
    [Id(3)] public List<int> Before { get; set; } = [];
}
