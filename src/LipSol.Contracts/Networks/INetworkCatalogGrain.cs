using LipSol.Contracts.Runs;
using Orleans.Concurrency;

namespace LipSol.Contracts.Networks;

/// <summary>The networks that people wrote, by name. Key: 0. LipSol's own aren't among them.</summary>
[Alias("lipsol.INetworkCatalogGrain")]
public interface INetworkCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>All, by name.</summary>
    [Alias("List"), AlwaysInterleave] Task<List<NetworkRecord>> ListAsync();

    /// <summary>The one of this name; null where there is none.</summary>
    [Alias("Find"), AlwaysInterleave] Task<NetworkRecord?> FindAsync(string name);

    /// <summary>Takes a network in that was checked; one of the same name is replaced, and counts one revision further where its source is another. Runs that were started keep the source that they were started with.</summary>
    /// <exception cref="RefusedException">There are too many.</exception>
    [Alias("Keep")] Task<NetworkRecord> KeepAsync(NetworkRecord network);

    /// <summary>Takes a name away: no further run is started by it. Runs that were keep their source. False where there was none.</summary>
    [Alias("Remove")] Task<bool> RemoveAsync(string name);
}

/// <summary>A network that a person wrote, as it was checked.</summary>
[GenerateSerializer, Alias("lipsol.NetworkRecord"), Immutable]
public sealed record NetworkRecord
{
    /// <summary>Its name, by which runs ask for it.</summary>
    [Id(0)] public required string Name { get; init; }
    /// <summary>MD5 of its source in the artifact store.</summary>
    [Id(1)] public required string Source { get; init; }
    /// <summary>What it reads: <c>word</c> or <c>characters</c>.</summary>
    [Id(2)] public required string Reads { get; init; }
    /// <summary>Its own parameters.</summary>
    [Id(3)] public List<NetworkOption> Parameters { get; init; } = [];
    /// <summary>Its weights, with the defaults and the classes of the clips that it was checked on.</summary>
    [Id(4)] public long WeightCount { get; init; }
    /// <summary>The corpus that it was checked on.</summary>
    [Id(5)] public string Corpus { get; init; } = "";
    /// <summary>MD5 of that corpus' manifest.</summary>
    [Id(6)] public string DataHash { get; init; } = "";
    /// <summary>Version of LipSol that checked it.</summary>
    [Id(7)] public string CodeVersion { get; init; } = "";
    /// <summary>When.</summary>
    [Id(8)] public DateTimeOffset KeptAt { get; init; }
    /// <summary>Who sent it: the name of a token.</summary>
    [Id(9)] public string KeptBy { get; init; } = "";
    /// <summary>Counts the sources that this name has stood for, from 1 on.</summary>
    [Id(10)] public int Revision { get; init; }
    /// <summary>Largest logit difference torch against ONNX on the clips that it was checked on.</summary>
    [Id(11)] public double OnnxMaxAbsDifference { get; init; }
}

/// <summary>A parameter of a network's own.</summary>
[GenerateSerializer, Alias("lipsol.NetworkOption"), Immutable]
public sealed record NetworkOption([property: Id(0)] string Name, [property: Id(1)] string Meaning, [property: Id(2)] string Default);
