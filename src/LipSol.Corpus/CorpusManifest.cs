using LipSol.Clips;
using LipSol.Language.Decoding;

namespace LipSol.Corpus;

/// <summary>One version of a corpus: its clips, transcripts, speakers, splits and mouth clips. Immutable; stored as an artifact whose MD5 is the data hash.</summary>
public sealed record CorpusManifest
{
    /// <summary>The corpus' name.</summary>
    public required string Name { get; init; }
    /// <summary>Recorded people or drawn speakers; synthetic corpora say so wherever they show.</summary>
    public required CorpusKind Kind { get; init; }
    /// <summary>BCP 47 tag of the transcripts: <c>ur</c>, <c>en</c>.</summary>
    public required string Language { get; init; }
    /// <summary>Where it came from: importer and arguments, or the seed and options of a synthetic one.</summary>
    public required IReadOnlyDictionary<string, string> Origin { get; init; }
    /// <summary>Attribution and licence to show with the corpus.</summary>
    public string? Attribution { get; init; }
    /// <summary>How the mouth clips were made; null before preparation.</summary>
    public CropSettings? Crops { get; init; }
    /// <summary>The sentences that are said, where they follow a grammar; see <see cref="SentenceGrammars.Of"/> for corpora imported before this was kept.</summary>
    public Grammar? Grammar { get; init; }
    /// <summary>The clips, ordered by id.</summary>
    public required IReadOnlyList<CorpusClip> Clips { get; init; }
}

/// <summary>Whether a corpus shows people or drawings.</summary>
public enum CorpusKind
{
    /// <summary>Recordings of people.</summary>
    Recorded,
    /// <summary>Drawn speakers.</summary>
    Synthetic,
}

/// <summary>What a clip may be used for.</summary>
public enum Split
{
    /// <summary>Training.</summary>
    Train,
    /// <summary>Choosing: early stopping, among runs, calibration.</summary>
    Val,
    /// <summary>The gate and published figures; touched by nothing else.</summary>
    Test,
}

/// <summary>One clip of a corpus.</summary>
public sealed record CorpusClip
{
    /// <summary>Unique in the corpus: the path without extension, e.g. <c>s1/video/bbaf2n</c>.</summary>
    public required string Id { get; init; }
    /// <summary>Path of the recording, relative to the corpus' source folder, with forward slashes.</summary>
    public required string Path { get; init; }
    /// <summary>MD5 of the recording's bytes (of a folder of frames: of its DVC listing).</summary>
    public required string ContentHash { get; init; }
    /// <summary>The speaker's name in this corpus.</summary>
    public required string Speaker { get; init; }
    /// <summary>Train, val or test.</summary>
    public required Split Split { get; init; }
    /// <summary>The transcript, normalised (see LipSol.Language).</summary>
    public required string Text { get; init; }
    /// <summary>The words with their times, where known; empty otherwise.</summary>
    public IReadOnlyList<WordTime> Words { get; init; } = [];
    /// <summary>The model version and run that found <see cref="Words"/> by forced alignment; null where the times came with the recording.</summary>
    public string? WordsFoundBy { get; init; }
    /// <summary>MD5 of the mouth clip in the artifact store; null before preparation and for refused clips.</summary>
    public string? MouthClip { get; init; }
    /// <summary>Frames of the mouth clip.</summary>
    public int Frames { get; init; }
    /// <summary>Of those, really tracked (not interpolated).</summary>
    public int TrackedFrames { get; init; }
    /// <summary>Why the clip can't be used; null where it can.</summary>
    public string? Refused { get; init; }
}

/// <summary>A word inside a clip; seconds from the clip's start.</summary>
public sealed record WordTime(string Word, double Start, double End);
