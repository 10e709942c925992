namespace LipSol.Inference;

/// <summary>The weights that a model's encoder started from, and what is known of the data behind them.</summary>
public sealed record ModelStart
{
    /// <summary><c>run</c>, <c>version</c> or <c>file</c>.</summary>
    public required string Kind { get; init; }
    /// <summary>The run's id, the version as <c>model@3</c>, or the file's name.</summary>
    public required string Id { get; init; }
    /// <summary>MD5 of the weights' file.</summary>
    public required string Weights { get; init; }
    /// <summary>MD5 of the name mapping; null where names stayed as they were.</summary>
    public string? Map { get; init; }
    /// <summary>The runs that made these weights, as far as they are known, the last one first.</summary>
    public IReadOnlyList<ModelPretraining> Pretraining { get; init; } = [];
    /// <summary>What isn't known of the data behind them, a sentence each.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];
    /// <summary>Speakers who count as unseen though these weights were trained on them.</summary>
    public IReadOnlyList<string> SpeakersSeen { get; init; } = [];
}

/// <summary>A run behind weights.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Corpus">The corpus it was trained on.</param>
/// <param name="DataHash">MD5 of that corpus' manifest.</param>
/// <param name="Selection">The parameters that say which part of it; empty: all.</param>
public sealed record ModelPretraining(string RunId, string Corpus, string DataHash, IReadOnlyDictionary<string, string> Selection);
