namespace LipSol.Language.Alignment;

/// <summary>A letter or word with its frames: from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
public sealed record AlignedText(string Text, int Start, int End);

/// <summary>Where a text is in a clip.</summary>
/// <param name="Score">Log probability of the one path that was chosen.</param>
/// <param name="Letters">Its letters, spaces included, in the text's order; each has one frame at least, and blanks are between them.</param>
/// <param name="Words">Its words, from the first frame of the first letter to the last of the last.</param>
public sealed record CtcAlignment(double Score, IReadOnlyList<AlignedText> Letters, IReadOnlyList<AlignedText> Words);
