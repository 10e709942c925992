using LipSol.Clips;

namespace LipSol.Corpus.Synthetic;

/// <summary>One drawn clip: a speaker says a word, or a sentence, once.</summary>
/// <param name="Id">Unique in the corpus; the video's path without extension.</param>
/// <param name="Speaker">Who.</param>
/// <param name="Words">What, and when: seconds from the clip's start.</param>
/// <param name="Split">For which split.</param>
/// <param name="FramesPerSecond">Frames a second.</param>
/// <param name="Seed">For what the drawing itself needs chance for (sensor noise).</param>
/// <param name="Frames">What the face does, frame by frame.</param>
public sealed record SyntheticTake(
    string Id, SyntheticSpeaker Speaker, IReadOnlyList<WordTime> Words, Split Split, double FramesPerSecond, int Seed, IReadOnlyList<SyntheticFaceFrame> Frames)
{
    /// <summary>What is said.</summary>
    public string Text => string.Join(' ', Words.Select(w => w.Word));

    /// <summary>Where it starts, seconds.</summary>
    public double Start => Words[0].Start;

    /// <summary>Where it ends, seconds.</summary>
    public double End => Words[^1].End;
}
