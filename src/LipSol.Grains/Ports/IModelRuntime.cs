using LipSol.Contracts.Serving;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Ports;

/// <summary>The models loaded on this node. A singleton of the silo; the grains hold no native session.</summary>
public interface IModelRuntime
{
    /// <summary>Fetches the model folder from the artifact store, loads it and reads a clip of zeros. Repeatable.</summary>
    Task LoadAsync(string modelArtifact, CancellationToken cancellationToken);

    /// <summary>Whether a model is loaded, so that reading with it waits for nothing but its turn. False while it loads.</summary>
    bool IsLoaded(string modelArtifact);

    /// <summary>Reads a mouth clip; a model that isn't loaded (any more) is loaded first. Model name, version and node of the reading are left for the grain to fill in.</summary>
    /// <exception cref="UnreadableInputException">The input can't be read by this model; the message says why.</exception>
    /// <exception cref="OverloadedException">Too many clips wait for this model.</exception>
    /// <exception cref="TooLateException">The clip's turn came too late: it wasn't read.</exception>
    Task<RuntimeReading> ReadAsync(string modelArtifact, ReadRequest request, CancellationToken cancellationToken);

    /// <summary>Reads every test sample of a corpus version, for judging a model on data it wasn't measured on.</summary>
    /// <param name="modelArtifact">The model.</param>
    /// <param name="dataHash">The corpus version.</param>
    /// <param name="decoder">What reads sentences; null for the model's default.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="Contracts.Runs.RefusedException">The model can't read this corpus, or has no such decoder.</exception>
    Task<Evaluation> EvaluateAsync(string modelArtifact, string dataHash, string? decoder, CancellationToken cancellationToken);

    /// <summary>Disposes the session once the reads under way are done. Repeatable.</summary>
    Task UnloadAsync(string modelArtifact);
}

/// <summary>What a model read.</summary>
public sealed record RuntimeReading(string Text, double Confidence, List<ReadWord> Words, List<Alternative> Alternatives, List<string> LookAlike,
    string RunId, string DataHash, bool Synthetic, string Device, double NetworkMilliseconds)
{
    /// <summary>What is worth knowing though the clip could be read.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>What read a sentence; null for a word.</summary>
    public string? Decoder { get; init; }

    /// <summary>How long the clip waited for its pass through the network.</summary>
    public double WaitedMilliseconds { get; init; }

    /// <summary>Milliseconds from the network's answer to the text.</summary>
    public double DecodingMilliseconds { get; init; }

    /// <summary>What the text follows from beside the network, by name.</summary>
    public Dictionary<string, double> DecodingSettings { get; init; } = [];
}
