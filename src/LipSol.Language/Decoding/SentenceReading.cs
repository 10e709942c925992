using LipSol.Language.Alignment;
using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Decoding;

/// <summary>What was read from a clip.</summary>
/// <param name="Text">The best text; empty where nothing was read.</param>
/// <param name="Confidence">That the whole text is right, 0 to 1.</param>
/// <param name="Words">Its words.</param>
/// <param name="NBest">The best texts, best first, <paramref name="Text"/> included. Empty where no allowed text fits into the frames.</param>
public sealed record SentenceReading(string Text, double Confidence, IReadOnlyList<ReadWord> Words, IReadOnlyList<ReadAlternative> NBest)
{
    /// <summary>Each word read with whether it's right, by a least-cost alignment to what was said: what a calibration is fitted on and a reliability diagram shows.</summary>
    /// <param name="reference">What was said, normalised.</param>
    public IReadOnlyList<(double Confidence, bool Correct)> Judge(string reference)
    {
        var said = Transcripts.Words(reference);
        return [.. EditDistance.Align<string>(said, [.. Words.Select(w => w.Text)]).Where(p => p.Hypothesis >= 0)
            .Select(p => (Words[p.Hypothesis].Confidence, p.Reference >= 0 && said[p.Reference] == Words[p.Hypothesis].Text))];
    }
}

/// <summary>A word read.</summary>
/// <param name="Text">The word.</param>
/// <param name="Start">Where it begins, in frames (<see cref="CtcAlignment.Words"/>).</param>
/// <param name="End">Where it ends.</param>
/// <param name="Confidence">That it's right, 0 to 1.</param>
public sealed record ReadWord(string Text, double Start, double End, double Confidence);

/// <summary>A text that could have been said.</summary>
/// <param name="Text">The text.</param>
/// <param name="Score">Log probability plus the scores of language model and bonus.</param>
/// <param name="Confidence">That it is what was said, 0 to 1. Of the best: the sentence's. The others share what that leaves, by their scores; none has more than the best, and all together have 1 at most.</param>
public sealed record ReadAlternative(string Text, double Score, double Confidence);
