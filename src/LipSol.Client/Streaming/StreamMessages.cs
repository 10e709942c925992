using System.Text.Json.Serialization;

namespace LipSol.Client;

/// <summary>What a stream sends.</summary>
public enum StreamInput
{
    /// <summary>Pictures of a speaker's face, JPEG or PNG, one a message: the node finds and crops the mouth.</summary>
    Frames,
    /// <summary>Mouth crops made with the model's crop settings, one a message: rows of grey bytes, as many as <see cref="StreamReady.CropSize"/> squared.</summary>
    Crops,
}

/// <summary>How a stream is to be read: the caller's first message. What is null is left to the node.</summary>
public sealed record StreamOptions
{
    /// <summary>What is sent.</summary>
    public StreamInput Input { get; init; }
    /// <summary>Frames a second. Crops come at the model's own rate, 25.</summary>
    public double FramesPerSecond { get; init; } = 25;
    /// <summary>Each frame begins with its time in seconds, a little-endian 64-bit float, in place of <see cref="FramesPerSecond"/>: for cameras whose rate varies. Times increase; captions come in the same times.</summary>
    public bool Timestamps { get; init; }
    /// <summary>The model; null where the node has one model in production.</summary>
    public string? Model { get; init; }
    /// <summary>The version; null for the one in production, also where another is promoted meanwhile.</summary>
    public int? Version { get; init; }
    /// <summary>What reads a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; null for the model's default.</summary>
    public string? Decoder { get; init; }
}

/// <summary>What the node says during a stream. Times are seconds from the first frame, or the caller's own where it sends timestamps.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StreamReady), "ready")]
[JsonDerivedType(typeof(StreamPartial), "partial")]
[JsonDerivedType(typeof(StreamFinal), "final")]
[JsonDerivedType(typeof(StreamNotice), "notice")]
[JsonDerivedType(typeof(StreamError), "error")]
[JsonDerivedType(typeof(StreamDone), "done")]
public abstract record StreamMessage;

/// <summary>The first message: frames may come.</summary>
public sealed record StreamReady : StreamMessage
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>The version that reads now.</summary>
    public required int Version { get; init; }
    /// <summary>The run that trained it.</summary>
    public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest behind it.</summary>
    public required string DataHash { get; init; }
    /// <summary>Version of LipSol that answers.</summary>
    public string? CodeVersion { get; init; }
    /// <summary>Whether the model was trained on drawn speakers only.</summary>
    public required bool Synthetic { get; init; }
    /// <summary>The node that holds the stream.</summary>
    public required string Node { get; init; }
    /// <summary><c>characters</c>: sentences; <c>word</c>: single words with the lips at rest between them.</summary>
    public required string Task { get; init; }
    /// <summary>Edge of a mouth crop in pixels.</summary>
    public required int CropSize { get; init; }
    /// <summary>Crops a second that the model reads.</summary>
    public required double CropsPerSecond { get; init; }
    /// <summary>Frames by which a crop lags behind its picture for the sake of smoothing; 0 where crops are sent.</summary>
    public required int LagFrames { get; init; }
    /// <summary>Most bytes of a message.</summary>
    public required long MessageBytes { get; init; }
    /// <summary>Most pixels of a picture.</summary>
    public required long Pixels { get; init; }
    /// <summary>Longest stream, in seconds.</summary>
    public required double Seconds { get; init; }
}

/// <summary>What is read behind the last final word, as it stands; may change. It takes the place of the partial before it. May be empty.</summary>
/// <param name="Text">The words.</param>
/// <param name="Words">The words with their times.</param>
/// <param name="Time">Up to where the stream was read.</param>
public sealed record StreamPartial(string Text, IReadOnlyList<TranscribedWord> Words, double Time) : StreamMessage;

/// <summary>Words that stay: they follow those of the finals before, and never change. The partial before it is over.</summary>
/// <param name="Text">The words.</param>
/// <param name="Words">The words with their times.</param>
/// <param name="Time">Up to where the stream was read.</param>
public sealed record StreamFinal(string Text, IReadOnlyList<TranscribedWord> Words, double Time) : StreamMessage;

/// <summary>Something worth knowing; the stream goes on.</summary>
/// <param name="Reason">The kind, for programs: <c>face-lost</c>, <c>face-found</c>, <c>frames-dropped</c>, <c>picture-refused</c>, <c>crops-missing</c>, <c>overloaded</c>, <c>model-changed</c>, <c>model-marked</c>, <c>session-length</c>.</param>
/// <param name="Detail">For people.</param>
/// <param name="Time">When in the stream.</param>
public sealed record StreamNotice(string Reason, string Detail, double Time) : StreamMessage;

/// <summary>The stream is over before its end; the connection closes.</summary>
/// <param name="Reason">The kind, for programs, e.g. <c>too-large</c>, <c>idle</c>, <c>session-length</c>, <c>stopping</c>.</param>
/// <param name="Detail">What was wrong and what to do.</param>
public sealed record StreamError(string Reason, string Detail) : StreamMessage;

/// <summary>The last message after <c>end</c>: all words are final.</summary>
public sealed record StreamDone : StreamMessage
{
    /// <summary>All final words.</summary>
    public required string Text { get; init; }
    /// <summary>What stands behind them. Its frames are crops at the model's rate; its milliseconds are means: <c>crop</c> a picture, <c>read</c> a window with its way through the cluster, <c>network</c> of that.</summary>
    public required Provenance Provenance { get; init; }
    /// <summary>What read a sentence; null for a word.</summary>
    public string? Decoder { get; init; }
    /// <summary>Frames that were sent.</summary>
    public required long FramesReceived { get; init; }
    /// <summary>Frames that came faster than could be cropped.</summary>
    public required long FramesDropped { get; init; }
    /// <summary>Pictures that couldn't be decoded.</summary>
    public required long FramesRefused { get; init; }
    /// <summary>Windows that were read.</summary>
    public required long Windows { get; init; }
}
