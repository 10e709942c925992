namespace LipSol.Contracts.Serving;

/// <summary>One activation that serves one model version on one node. Key: <c>model/version@node</c>. Reentrant.</summary>
[Alias("lipsol.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Reads a mouth clip (the bytes of a mouth clip file).</summary>
    /// <exception cref="UnreadableInputException">The model can't read this input.</exception>
    /// <exception cref="OverloadedException">Too many clips wait for this version on this node.</exception>
    /// <exception cref="TooLateException">The clip's turn came later than <see cref="ReadRequest.Within"/>: it wasn't read.</exception>
    /// <param name="request">The clip.</param>
    /// <param name="cancellationToken">Nobody waits for it any more: a clip whose turn hasn't come isn't read.</param>
    [Alias("Read")] Task<Reading> ReadAsync([Immutable] ReadRequest request, CancellationToken cancellationToken = default);
}

/// <summary>
/// Sends a request to a replica of the version in production, or of the one on trial. Key: the model's name. This is the grain that programs inside the cluster's network call.
/// It lives on each node that is asked: a request that came in over HTTP is answered as long as its own node and one with the version are up. Reading is repeated elsewhere, within 20 s, where a node dies or has too much to do.
/// </summary>
[Alias("lipsol.IModelReaderGrain")]
public interface IModelReaderGrain : IGrainWithStringKey
{
    /// <summary>Reads a mouth clip with the version in production, or with the version given.</summary>
    /// <exception cref="Runs.RefusedException">Nothing is in production, or there's no such version.</exception>
    /// <exception cref="UnreadableInputException">The model can't read this input.</exception>
    /// <exception cref="Orleans.Runtime.LimitExceededException">Every node has more requests than it can take.</exception>
    /// <exception cref="TooLateException">The time that the request gives is over, or would be by its turn: it wasn't read.</exception>
    /// <param name="request">The clip.</param>
    /// <param name="version">The version; null: the one in production.</param>
    /// <param name="cancellationToken">Nobody waits for it any more: it's sent nowhere else, and where its turn hasn't come it isn't read.</param>
    [Alias("Read"), ResponseTimeout("00:02:00")] Task<Reading> ReadAsync([Immutable] ReadRequest request, int? version, CancellationToken cancellationToken = default);
}

/// <summary>A mouth clip to read.</summary>
/// <param name="MouthClip">The bytes of a mouth clip file (.npz).</param>
/// <param name="Start">Start of the word in seconds, where known.</param>
/// <param name="End">End of the word in seconds, where known.</param>
/// <param name="Decoder">What reads a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; null for the model's default.</param>
[GenerateSerializer, Alias("lipsol.ReadRequest"), Immutable]
public sealed record ReadRequest([property: Id(0)] byte[] MouthClip, [property: Id(1)] double? Start, [property: Id(2)] double? End, [property: Id(3)] string? Decoder = null)
{
    /// <summary>Nobody waits for this clip in particular: those that somebody waits for go first.</summary>
    [Id(4)] public bool Bulk { get; init; }
    /// <summary>The answer is worth nothing later than this, counted from when the grain that is asked gets the request: then it isn't computed, nor tried elsewhere. Null, and at most: half a minute, after which callers have given up.</summary>
    [Id(5)] public TimeSpan? Within { get; init; }
    /// <summary>What tells this request from others, for the draw of a canary; null: a random one.</summary>
    [Id(10)] public string? RequestId { get; init; }
    /// <summary>What stays the same for one caller, for a sticky canary. Hashed, never kept.</summary>
    [Id(11)] public string? Caller { get; init; }
    /// <summary>Set by the reader: a replica whose node hasn't loaded the version refuses with <see cref="ColdReplicaException"/> rather than make the caller wait.</summary>
    [Id(12)] public bool WarmOnly { get; init; }
    /// <summary>Set by the reader: the caller named the version, so the node keeps it for a while.</summary>
    [Id(13)] public bool Pinned { get; init; }
}

/// <summary>The replica's node hasn't loaded the version (yet, or any more): another one may have.</summary>
[GenerateSerializer, Alias("lipsol.ColdReplicaException")]
public sealed class ColdReplicaException(string message) : Exception(message);

/// <summary>What was read, and what stands behind it.</summary>
[GenerateSerializer, Alias("lipsol.Reading"), Immutable]
public sealed record Reading
{
    /// <summary>The text.</summary>
    [Id(0)] public required string Text { get; init; }
    /// <summary>Confidence in the text, 0 to 1, calibrated.</summary>
    [Id(1)] public required double Confidence { get; init; }
    /// <summary>The words with their times and confidence.</summary>
    [Id(2)] public required List<ReadWord> Words { get; init; }
    /// <summary>The best alternatives, best first, the text itself included.</summary>
    [Id(3)] public required List<Alternative> Alternatives { get; init; }
    /// <summary>Words that look the same on the lips as the one read.</summary>
    [Id(4)] public List<string> LookAlike { get; init; } = [];
    /// <summary>The model.</summary>
    [Id(5)] public required string Model { get; init; }
    /// <summary>Its version.</summary>
    [Id(6)] public required int Version { get; init; }
    /// <summary>The run that trained it.</summary>
    [Id(7)] public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest behind it.</summary>
    [Id(8)] public required string DataHash { get; init; }
    /// <summary>The device that computed it: <c>cpu</c>, <c>cuda:0</c>.</summary>
    [Id(9)] public required string Device { get; init; }
    /// <summary>The node that computed it.</summary>
    [Id(10)] public string Node { get; init; } = "";
    /// <summary>Milliseconds in the network.</summary>
    [Id(11)] public double NetworkMilliseconds { get; init; }
    /// <summary>Whether the model was trained on drawn speakers only.</summary>
    [Id(12)] public bool Synthetic { get; init; }
    /// <summary>What is worth knowing though the clip could be read, e.g. that it was read in windows.</summary>
    [Id(13)] public List<string> Notes { get; init; } = [];
    /// <summary>What read a sentence; null for a word.</summary>
    [Id(14)] public string? Decoder { get; init; }
    /// <summary>Milliseconds that the clip waited for its pass through the network.</summary>
    [Id(15)] public double WaitedMilliseconds { get; init; }
    /// <summary>Milliseconds from the network's answer to the text.</summary>
    [Id(20)] public double DecodingMilliseconds { get; init; }
    /// <summary>What the text follows from beside the network, by name: temperature and, of a sentence, the decoder's settings.</summary>
    [Id(21)] public Dictionary<string, double> DecodingSettings { get; init; } = [];
}

/// <summary>A word of a reading; seconds from the clip's start.</summary>
[GenerateSerializer, Alias("lipsol.ReadWord"), Immutable]
public sealed record ReadWord([property: Id(0)] string Word, [property: Id(1)] double Start, [property: Id(2)] double End, [property: Id(3)] double Confidence);

/// <summary>An alternative text with its confidence.</summary>
[GenerateSerializer, Alias("lipsol.Alternative"), Immutable]
public sealed record Alternative([property: Id(0)] string Text, [property: Id(1)] double Confidence)
{
    /// <summary>Of a sentence: its log probability, with what language model and letter bonus add; null for a word.</summary>
    [Id(2)] public double? Score { get; init; }
}

/// <summary>An input that the model can't read: the message says why and what to do.</summary>
[GenerateSerializer, Alias("lipsol.UnreadableInputException")]
public sealed class UnreadableInputException : Exception
{
    /// <summary>Creates it.</summary>
    public UnreadableInputException(string message, string? reason = null) : base(message) => Reason = reason;

    /// <summary>The kind of reason, for programs: <c>too-long</c>, <c>wrong-settings</c>, ….</summary>
    [Id(0)] public string? Reason { get; }
}

/// <summary>Too many clips wait for a model on a node.</summary>
[GenerateSerializer, Alias("lipsol.OverloadedException")]
public sealed class OverloadedException : Exception
{
    /// <summary>Creates it.</summary>
    public OverloadedException(string message, TimeSpan retryAfter) : base(message) => RetryAfter = retryAfter;

    /// <summary>When those that wait now will have been read.</summary>
    [Id(0)] public TimeSpan RetryAfter { get; }
}

/// <summary>A clip's turn came when its answer was worth nothing any more, so it wasn't read.</summary>
[GenerateSerializer, Alias("lipsol.TooLateException")]
public sealed class TooLateException : Exception
{
    /// <summary>Creates it.</summary>
    public TooLateException(string message) : base(message)
    {
    }
}
