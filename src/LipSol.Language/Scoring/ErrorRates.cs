using LipSol.Language.Text;

namespace LipSol.Language.Scoring;

/// <summary>The error rates of a set of readings, as jiwer counts them: edits summed over the set, divided by the summed reference length.</summary>
/// <param name="Wer">Word error rate: Levenshtein over words. Above 1 where much was inserted.</param>
/// <param name="Cer">Character error rate: Levenshtein over code points, spaces included.</param>
/// <param name="SentenceAccuracy">Share of the samples read without any error.</param>
/// <param name="Count">Samples.</param>
public sealed record ErrorRates(double Wer, double Cer, double SentenceAccuracy, int Count)
{
    /// <summary>1 − WER, at least 0 (HTK's "accuracy": insertions count against it). For samples of one word: the share read right.</summary>
    public double WordAccuracy => Math.Max(0, 1 - Wer);

    /// <summary>Grapheme error rate: Levenshtein over letters as readers see them (<see cref="Graphemes"/>), spaces included.</summary>
    public required double Ger { get; init; }

    /// <summary>Scores pairs of reference and reading, both normalised already (<see cref="Transcripts.Normalise"/>).</summary>
    /// <exception cref="ArgumentException">No reference holds a word: a rate would divide by zero.</exception>
    public static ErrorRates Of(IEnumerable<(string Reference, string Hypothesis)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var sum = new ErrorCounts();
        foreach (var (reference, hypothesis) in pairs) sum += ErrorCounts.Of(reference, hypothesis);
        return sum.Rates();
    }
}

/// <summary>What error rates are made of; adds up over samples.</summary>
/// <param name="WordErrors">Edits over words.</param>
/// <param name="Words">Words of the reference.</param>
/// <param name="CharacterErrors">Edits over code points.</param>
/// <param name="Characters">Code points of the reference, spaces included.</param>
/// <param name="Correct">Samples without an error.</param>
/// <param name="Samples">Samples.</param>
/// <param name="GraphemeErrors">Edits over <see cref="LipSol.Language.Text.Graphemes"/>.</param>
/// <param name="Graphemes">Graphemes of the reference, spaces included.</param>
public readonly record struct ErrorCounts(
    long WordErrors, long Words, long CharacterErrors, long Characters, int Correct, int Samples, long GraphemeErrors, long Graphemes)
{
    /// <summary>Counts one sample.</summary>
    public static ErrorCounts Of(string reference, string hypothesis)
    {
        string[] referenceWords = Transcripts.Words(reference), hypothesisWords = Transcripts.Words(hypothesis);
        int[] referencePoints = CodePoints(reference), hypothesisPoints = CodePoints(hypothesis);
        var wordErrors = EditDistance.Between<string>(referenceWords, hypothesisWords);
        var characterErrors = EditDistance.Between<int>(referencePoints, hypothesisPoints);
        long[] referenceGraphemes = Text.Graphemes.Keys(reference), hypothesisGraphemes = Text.Graphemes.Keys(hypothesis);
        // Where every grapheme is one code point, the two distances are one.
        var sameAsPoints = referenceGraphemes.Length == referencePoints.Length && hypothesisGraphemes.Length == hypothesisPoints.Length;
        var graphemeErrors = sameAsPoints ? characterErrors : EditDistance.Between<long>(referenceGraphemes, hypothesisGraphemes);
        return new ErrorCounts(wordErrors, referenceWords.Length, characterErrors, referencePoints.Length, characterErrors == 0 ? 1 : 0, 1,
            graphemeErrors, referenceGraphemes.Length);
    }

    /// <summary>The sum.</summary>
    public static ErrorCounts operator +(ErrorCounts a, ErrorCounts b) => new(a.WordErrors + b.WordErrors, a.Words + b.Words,
        a.CharacterErrors + b.CharacterErrors, a.Characters + b.Characters, a.Correct + b.Correct, a.Samples + b.Samples,
        a.GraphemeErrors + b.GraphemeErrors, a.Graphemes + b.Graphemes);

    /// <summary>The counts of a sample that was drawn several times.</summary>
    public static ErrorCounts operator *(int times, ErrorCounts x) => new(times * x.WordErrors, times * x.Words, times * x.CharacterErrors, times * x.Characters,
        times * x.Correct, times * x.Samples, times * x.GraphemeErrors, times * x.Graphemes);

    /// <summary>The rates.</summary>
    /// <exception cref="ArgumentException">The references hold no word.</exception>
    public ErrorRates Rates() => Words == 0
        ? throw new ArgumentException("Error rates need at least one word of reference; these samples have none.")
        : new ErrorRates(WordErrors / (double)Words, CharacterErrors / (double)Characters, Correct / (double)Samples, Samples) { Ger = GraphemeErrors / (double)Graphemes };

    internal static int[] CodePoints(string text) => [.. text.EnumerateRunes().Select(r => r.Value)];
}
