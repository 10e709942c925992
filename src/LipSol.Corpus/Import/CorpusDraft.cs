namespace LipSol.Corpus.Import;

/// <summary>A corpus as imported: validated, without mouth clips.</summary>
/// <param name="Manifest">Clips with transcripts, speakers, splits and content hashes.</param>
/// <param name="SourceFolder">The folder that the clips' paths are relative to.</param>
/// <param name="Warnings">What isn't wrong, but should be known.</param>
public sealed record CorpusDraft(CorpusManifest Manifest, string SourceFolder, IReadOnlyList<CorpusProblem> Warnings);
