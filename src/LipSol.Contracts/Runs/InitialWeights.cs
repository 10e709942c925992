namespace LipSol.Contracts.Runs;

/// <summary>The weights that a run's encoder starts from. Kept in the artifact store, so a run that goes on meets the same ones.</summary>
[GenerateSerializer, Alias("lipsol.InitialWeights"), Immutable]
public sealed record InitialWeights
{
    /// <summary>What they were named by.</summary>
    [Id(0)] public required WeightsKind Kind { get; init; }
    /// <summary>The run's id, the version as <c>model@3</c>, or the file's name.</summary>
    [Id(1)] public required string Id { get; init; }
    /// <summary>MD5 of the weights' file in the artifact store: what decides the numbers, with <see cref="Map"/>.</summary>
    [Id(2)] public required string Weights { get; init; }
    /// <summary>MD5 of the name mapping (YAML) in the artifact store; null where names stay as they are.</summary>
    [Id(3)] public string? Map { get; init; }
    /// <summary>The runs that made these weights, as far as they are known, the last one first.</summary>
    [Id(4)] public List<Pretraining> Pretraining { get; init; } = [];
    /// <summary>What isn't known of the data behind them, a sentence each; empty where all of it is, and none of the run's test clips was among it.</summary>
    [Id(5)] public List<string> Unknown { get; init; } = [];
    /// <summary>Speakers who count as unseen in the run though these weights were trained on them.</summary>
    [Id(6)] public List<string> SpeakersSeen { get; init; } = [];
}

/// <summary>What weights are named by.</summary>
public enum WeightsKind
{
    /// <summary>A run that is completed.</summary>
    Run,
    /// <summary>A model version.</summary>
    Version,
    /// <summary>A file that was uploaded.</summary>
    File,
}

/// <summary>A run behind weights.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Corpus">The corpus it was trained on.</param>
/// <param name="DataHash">MD5 of that corpus' manifest.</param>
/// <param name="Selection">The parameters that say which part of it; empty: all.</param>
[GenerateSerializer, Alias("lipsol.Pretraining"), Immutable]
public sealed record Pretraining([property: Id(0)] string RunId, [property: Id(1)] string Corpus, [property: Id(2)] string DataHash, [property: Id(3)] Dictionary<string, string> Selection);
