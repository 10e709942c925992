using System.Text;

namespace LipSol.Language.Decoding;

/// <summary>Why a transcript can't be learnt from or aligned.</summary>
public enum TranscriptProblem
{
    /// <summary>No letters.</summary>
    Empty,
    /// <summary>Letters that the alphabet hasn't got.</summary>
    OutsideAlphabet,
    /// <summary>More letters than the frames can hold.</summary>
    TooLong,
}

/// <summary>A transcript that can't be used with this alphabet or this clip. The message names the letters or the counts; who knows the clip adds its name.</summary>
public sealed class UnusableTranscriptException : Exception
{
    internal UnusableTranscriptException(TranscriptProblem problem, string message) : base(message) => Problem = problem;

    /// <summary>Why.</summary>
    public TranscriptProblem Problem { get; }

    internal static UnusableTranscriptException OutsideAlphabet(string text, IReadOnlyList<Rune> foreign) => new(TranscriptProblem.OutsideAlphabet,
        $"The transcript '{text}' has letters outside the model's alphabet: {string.Join(", ", foreign.Select(r => $"'{r}' (U+{r.Value:X4})"))}.");

    internal static UnusableTranscriptException Empty() => new(TranscriptProblem.Empty, "The transcript is empty: there is nothing to align.");

    internal static UnusableTranscriptException TooLong(string text, int needed, int frames) => new(TranscriptProblem.TooLong,
        $"The transcript '{text}' needs at least {needed} frames (one a letter and a blank between equal neighbours); the clip has {frames}.");
}
