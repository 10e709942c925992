using LipSol.Contracts.Searches;

namespace LipSol.Grains.Searches;

/// <summary>What is kept of a search.</summary>
[GenerateSerializer, Alias("lipsol.SearchState")]
internal sealed class SearchState
{
    /// <summary>The record; null before the search is started.</summary>
    [Id(0)] public SearchRecord? Record { get; set; }

    /// <summary>Requests for more trials that were met, the latest ones.</summary>
    [Id(1)] public List<string> Requests { get; set; } = [];
}

/// <summary>What is kept of the registry.</summary>
[GenerateSerializer, Alias("lipsol.SearchRegistryState")]
internal sealed class SearchRegistryState
{
    /// <summary>Names in order.</summary>
    [Id(0)] public List<string> Names { get; set; } = [];
}
