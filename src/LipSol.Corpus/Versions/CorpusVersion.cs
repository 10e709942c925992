namespace LipSol.Corpus;

/// <summary>A version that a corpus' name pointed at, and what changed with it. The clips themselves: <see cref="CorpusDiff"/> of the two manifests.</summary>
/// <param name="Manifest">Its data hash.</param>
/// <param name="Since">When the name was pointed at it.</param>
/// <param name="Why">What whoever made it said of why; empty where nothing was said.</param>
/// <param name="Added">Clips that the version before hadn't.</param>
/// <param name="Removed">Clips of the version before that it hasn't.</param>
/// <param name="Relabelled">Clips with another transcript, other word times or another speaker.</param>
/// <param name="Moved">Clips in another split.</param>
/// <param name="Remade">Clips with another recording, or cropped anew.</param>
public sealed record CorpusVersion(string Manifest, DateTimeOffset Since, string Why = "", int Added = 0, int Removed = 0, int Relabelled = 0, int Moved = 0, int Remade = 0);
