using LipSol.Clips;

namespace LipSol.Corpus.Synthetic;

/// <summary>One drawn clip: a speaker says a word once.</summary>
/// <param name="Id">Unique in the corpus; the video's path without extension.</param>
/// <param name="Speaker">Who.</param>
/// <param name="Word">What.</param>
/// <param name="Split">For which split.</param>
/// <param name="Start">The word's start, seconds.</param>
/// <param name="End">The word's end, seconds.</param>
/// <param name="FramesPerSecond">Frames a second.</param>
/// <param name="Seed">For what the drawing itself needs chance for (sensor noise).</param>
/// <param name="Frames">What the face does, frame by frame.</param>
public sealed record SyntheticTake(
    string Id, SyntheticSpeaker Speaker, string Word, Split Split, double Start, double End, double FramesPerSecond, int Seed, IReadOnlyList<SyntheticFaceFrame> Frames);
