namespace LipSol.Corpus;

/// <summary>A person as a corpus names them: the same person may have another name in another corpus.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Speaker">Their name in it.</param>
public sealed record PersonName(string Corpus, string Speaker);
