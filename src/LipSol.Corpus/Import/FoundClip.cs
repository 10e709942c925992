namespace LipSol.Corpus.Import;

/// <summary>A clip as an importer found it, before it is checked.</summary>
/// <param name="Path">Relative to the corpus' folder, forward slashes.</param>
/// <param name="Speaker">Who speaks.</param>
/// <param name="Split">Its split, where given.</param>
/// <param name="Text">The transcript, not normalised.</param>
/// <param name="Words">Words with times, where known.</param>
/// <param name="Source">Where it was said: the file to name in a problem.</param>
/// <param name="Line">Its line, where there is one.</param>
internal sealed record FoundClip(string Path, string Speaker, Split? Split, string Text, IReadOnlyList<WordTime> Words, string Source, int? Line)
{
    /// <summary>SHA-256 that the file should have, or null.</summary>
    public string? Sha256 { get; init; }

    public CorpusProblem Problem(string message) => new(Source, Line, message);
}
