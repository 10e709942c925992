namespace LipSol.WorkerProtocol;

/// <summary>The weights that a run's encoder starts from. Where they come from is for the run's report alone: the bytes decide the numbers.</summary>
public sealed record InitialWeights
{
    /// <summary><c>run</c>, <c>version</c> or <c>file</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>The run's id, the version as <c>model@3</c>, or the file's name.</summary>
    public required string Id { get; init; }
    /// <summary>MD5 of the weights' file in the artifact store.</summary>
    public required string Weights { get; init; }
    /// <summary>MD5 of the name mapping (YAML) in the artifact store; null where names stay as they are.</summary>
    public string? Map { get; init; }
    /// <summary>The runs that made these weights, as far as they are known, the last one first.</summary>
    public IReadOnlyList<Pretraining> Pretraining { get; init; } = [];
    /// <summary>What isn't known of the data behind them, a sentence each; empty where all of it is, and none of the run's test clips was among it.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];
    /// <summary>Speakers who count as unseen in the run though these weights were trained on them.</summary>
    public IReadOnlyList<string> SpeakersSeen { get; init; } = [];
}

/// <summary>A run behind weights.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Corpus">The corpus it was trained on.</param>
/// <param name="DataHash">MD5 of that corpus' manifest.</param>
/// <param name="Selection">The parameters that say which part of it; empty: all.</param>
public sealed record Pretraining(string RunId, string Corpus, string DataHash, IReadOnlyDictionary<string, string> Selection);
