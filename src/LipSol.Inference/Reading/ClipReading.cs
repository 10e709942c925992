using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>What was read from a clip.</summary>
/// <param name="Text">The text: one word, or a sentence.</param>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Words">The words of the text with their times.</param>
/// <param name="Alternatives">The best texts, best first, the text itself included.</param>
/// <param name="LookAlike">Words that look the same on the lips as the one read.</param>
public sealed record ClipReading(string Text, double Confidence, IReadOnlyList<TimedWord> Words, IReadOnlyList<TextAlternative> Alternatives, IReadOnlyList<string> LookAlike)
{
    /// <summary>What is worth knowing though the clip could be read, e.g. that it was read in windows.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The kind of decoder that read a sentence; null for a word.</summary>
    public DecoderKind? Decoder { get; init; }

    /// <summary>Milliseconds that the network took for all clips of the pass.</summary>
    public double NetworkMilliseconds { get; init; }

    /// <summary>Milliseconds from the network's answer to this text.</summary>
    public double DecodingMilliseconds { get; init; }
}

/// <summary>A word with its time.</summary>
/// <param name="Text">The word.</param>
/// <param name="Start">Where it starts, in seconds from the clip's start.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record TimedWord(string Text, double Start, double End, double Confidence);

/// <summary>A text with its probability.</summary>
/// <param name="Text">The text.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record TextAlternative(string Text, double Confidence)
{
    /// <summary>Of a sentence: its log probability with what language model and letter bonus add; null for a word.</summary>
    public double? Score { get; init; }
}
