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

    /// <summary>The audit trail from where its full pages end, oldest first.</summary>
    [Id(2)] public List<PromotionDecision> Decisions { get; set; } = [];

    /// <summary>The versions that were in production before, oldest first: the way back.</summary>
    [Id(3)] public List<int> Before { get; set; } = [];

    /// <summary>The version that is tried beside the one in production.</summary>
    [Id(4)] public ModelTrial? Trial { get; set; }

    /// <summary>Counts the changes.</summary>
    [Id(5)] public long Revision { get; set; }

    /// <summary>Full pages of the audit trail: 0 to one less than this.</summary>
    [Id(6)] public int Pages { get; set; }

    /// <summary>Versions that were deleted.</summary>
    [Id(7)] public List<int> Deleted { get; set; } = [];

    /// <summary>What has to be known of versions before they are used, by version.</summary>
    [Id(8)] public Dictionary<int, List<string>> Marks { get; set; } = [];
    [Id(9)] public Dictionary<int, List<string>> Objects { get; set; } = [];
}
