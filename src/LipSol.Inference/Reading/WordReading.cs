namespace LipSol.Inference;

/// <summary>The word that was read from a clip.</summary>
/// <param name="Text">The word.</param>
/// <param name="Confidence">0 to 1, calibrated.</param>
/// <param name="Start">Where it starts, in seconds from the clip's start.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Alternatives">The five best words, best first, the word itself included.</param>
/// <param name="LookAlike">Words that look the same on the lips.</param>
public sealed record WordReading(string Text, double Confidence, double Start, double End, IReadOnlyList<WordAlternative> Alternatives, IReadOnlyList<string> LookAlike);

/// <summary>A word with its probability.</summary>
/// <param name="Text">The word.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record WordAlternative(string Text, double Confidence);
