using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Evaluation;

/// <summary>The words that were read, as answers of their own.</summary>
public static class WordAnswers
{
    /// <summary>Each word read with its confidence and whether it's right, by a least-cost alignment to what was said (<see cref="EditDistance.Align"/>): what a reliability diagram shows.</summary>
    /// <remarks>Sentences whose words have no confidence of their own are left out. A word said and not read is no answer: it counts in the WER alone.</remarks>
    public static IEnumerable<(double Confidence, bool Correct)> Of(IEnumerable<EvaluatedSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        foreach (var sample in samples)
        {
            string[] said = Transcripts.Words(sample.Expected), read = Transcripts.Words(sample.Text);
            // A sample of one word that was read as one: the word's confidence is the sample's.
            var words = sample.Words ?? (said.Length == 1 && read.Length == 1 ? [new EvaluatedWord(sample.Text, sample.Confidence)] : null);
            if (words is null) continue;
            foreach (var (r, h) in EditDistance.Align<string>(said, read))
                if (h >= 0) yield return (words[h].Confidence, r >= 0 && said[r] == read[h]);
        }
    }
}
