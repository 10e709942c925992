namespace LipSol.Client;

/// <summary>The weights that a run's encoder starts from; its head is new. <see cref="RunsClient.FindWeightsAsync"/> makes one of what people write.</summary>
/// <example>
/// <code>
/// var english = InitialWeights.OfRun("2g08cvqza9qe");                       // a completed run
/// var urdu = InitialWeights.OfVersion("urdu-words@3");                      // a model version, or where an alias points
/// var file = await client.Runs.FindWeightsAsync("lrw.pt", map: "lrw.yaml"); // a file, uploaded to the node
/// var run = await client.Runs.StartAsync(new StartRun { Network = "char-tcn", Corpus = "urdu", InitFrom = file });
/// </code>
/// </example>
public sealed record InitialWeights
{
    /// <summary>What they are named by.</summary>
    public required WeightsKind Kind { get; init; }
    /// <summary>The run's id; the version as <c>model@3</c> (asked for, also <c>model</c> and <c>model@alias</c>); or the file's name.</summary>
    public required string Id { get; init; }
    /// <summary>MD5 of the weights' file on the node. Asked for, of a file only: what <see cref="ArtifactsClient.UploadAsync"/> gave.</summary>
    public string? Weights { get; init; }
    /// <summary>MD5 of the name mapping (YAML) on the node; null where names stay as they are.</summary>
    public string? Map { get; init; }
    /// <summary>Of a run that was started: the runs that made these weights, as far as they are known, the last one first.</summary>
    public IReadOnlyList<Pretraining> Pretraining { get; init; } = [];
    /// <summary>Of a run that was started: what isn't known of the data behind them, a sentence each. Empty where all of it is, and none of the run's test clips was among it.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];
    /// <summary>Of a run that was started: speakers who count as unseen in it though these weights were trained on them.</summary>
    public IReadOnlyList<string> SpeakersSeen { get; init; } = [];

    /// <summary>The weights of a completed run.</summary>
    public static InitialWeights OfRun(string runId) => new() { Kind = WeightsKind.Run, Id = runId };

    /// <summary>The weights of a model version: <c>model@3</c>, <c>model@alias</c>, or <c>model</c> for the one in production.</summary>
    public static InitialWeights OfVersion(string version) => new() { Kind = WeightsKind.Version, Id = version };

    /// <summary>The weights of a file that is on the node.</summary>
    /// <param name="name">The file's name, for people.</param>
    /// <param name="weights">What <see cref="ArtifactsClient.UploadAsync"/> gave for it.</param>
    public static InitialWeights OfFile(string name, string weights) => new() { Kind = WeightsKind.File, Id = name, Weights = weights };

    /// <summary>Whether two runs that start from these start from the same; what is said of the data behind them isn't looked at.</summary>
    internal static bool AreSame(InitialWeights? one, InitialWeights? other) => Key(one) == Key(other);

    /// <summary>What tells them apart: a run's and a version's weights never change, a file's name says nothing.</summary>
    internal static string? Key(InitialWeights? weights) => weights is null ? null
        : $"{weights.Kind} {(weights.Kind == WeightsKind.File ? weights.Weights : weights.Id)} {weights.Map}";
}

/// <summary>What weights are named by.</summary>
public enum WeightsKind
{
    /// <summary>A completed run.</summary>
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
public sealed record Pretraining(string RunId, string Corpus, string DataHash, IReadOnlyDictionary<string, string> Selection);
