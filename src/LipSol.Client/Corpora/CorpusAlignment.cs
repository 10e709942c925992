namespace LipSol.Client;

/// <summary>Finds the word times of a corpus' sentences by forced alignment.</summary>
/// <param name="Model">A model that reads sentences.</param>
/// <param name="Version">Its version; null for the one in production.</param>
/// <param name="Save">Whether clips without word times get those found, as a new version of the corpus. Times that came with the recordings stay; those that a model found are found anew.</param>
public sealed record AlignCorpus(string Model, int? Version = null, bool Save = false);

/// <summary>What came of aligning a corpus.</summary>
public sealed record CorpusAlignment
{
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the manifest that was aligned.</summary>
    public required string DataHash { get; init; }
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>Its version.</summary>
    public required int Version { get; init; }
    /// <summary>The clips without word times of their own that could be aligned, with the times found.</summary>
    public required IReadOnlyList<AlignedClip> Aligned { get; init; }
    /// <summary>Clips that couldn't be aligned, with the reason.</summary>
    public required IReadOnlyList<RefusedClip> Refused { get; init; }
    /// <summary>How far the times found are from those that came with the recordings, on the test split; null where there are none.</summary>
    public AlignmentErrors? Errors { get; init; }
    /// <summary>MD5 of the new version's manifest; null where nothing was saved.</summary>
    public string? SavedAs { get; init; }
}

/// <summary>A clip with the word times that were found.</summary>
/// <param name="Id">The clip.</param>
/// <param name="Words">Its words with their times.</param>
public sealed record AlignedClip(string Id, IReadOnlyList<ClipWord> Words);

/// <summary>How far word times found by alignment are from those made by hand, in frames of the mouth clips.</summary>
/// <param name="Clips">Clips compared.</param>
/// <param name="Words">Words compared.</param>
/// <param name="MedianStart">Median of the absolute differences of the words' starts.</param>
/// <param name="MedianEnd">Median of the absolute differences of their ends.</param>
/// <param name="StartBias">Median of the differences of the starts: above 0, words are found late.</param>
/// <param name="EndBias">Median of the differences of the ends.</param>
/// <param name="WithinThree">Share of starts and ends that are at most three frames off.</param>
public sealed record AlignmentErrors(int Clips, int Words, double MedianStart, double MedianEnd, double StartBias, double EndBias, double WithinThree);
