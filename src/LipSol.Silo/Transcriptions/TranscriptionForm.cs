namespace LipSol.Silo.Transcriptions;

/// <summary>The parts of the request, for the OpenAPI document.</summary>
internal sealed record TranscriptionForm
{
    /// <summary>A video.</summary>
    public IFormFile? Clip { get; init; }
    /// <summary>A mouth clip (.npz), as <c>lipsol crop</c> writes it.</summary>
    public IFormFile? MouthClip { get; init; }
    /// <summary>Pictures (JPEG, PNG) of a recording, in their order.</summary>
    public IReadOnlyList<IFormFile>? Frames { get; init; }
    /// <summary>How many of the pictures make a second.</summary>
    public double? FramesPerSecond { get; init; }
    /// <summary>The model; needed where several are in production.</summary>
    public string? Model { get; init; }
    /// <summary>The version; the one in production where not given.</summary>
    public int? Version { get; init; }
    /// <summary>Start of the word in seconds, where known.</summary>
    public double? Start { get; init; }
    /// <summary>End of the word in seconds, where known.</summary>
    public double? End { get; init; }
    /// <summary>What reads a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; the model's default where not given.</summary>
    public string? Decoder { get; init; }
    /// <summary><c>json</c>, <c>text</c>, <c>srt</c> or <c>vtt</c>; by the Accept header where not given.</summary>
    public string? Format { get; init; }
    /// <summary><c>clip</c> keeps the mouth clip in the artifact store, and the answer names it; nothing is kept of the video otherwise.</summary>
    public string? Keep { get; init; }
    /// <summary>Seconds, from when the request came, within which an answer is worth something: what isn't read by then is given up and answered 504.</summary>
    public double? Within { get; init; }
    /// <summary>Whether the answer is to be fetched later.</summary>
    public bool? Async { get; init; }
}
