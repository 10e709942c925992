using LipSol.Language.Alignment;
using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>How much the network's answer speaks for a text, whatever the text it would read itself.</summary>
internal static class ReadingEvidence
{
    /// <summary>Of a word: its log-odds against all other words. Where a network is sure, probabilities hardly move and these still do.</summary>
    public static double OfWord(ReadOnlySpan<float> logits_V, int word)
    {
        var largest = double.NegativeInfinity;
        for (var v = 0; v < logits_V.Length; v++)
            if (v != word) largest = Math.Max(largest, logits_V[v]);
        var others = 0.0;
        for (var v = 0; v < logits_V.Length; v++)
            if (v != word) others += Math.Exp(logits_V[v] - largest);
        return logits_V[word] - largest - Math.Log(others);
    }

    /// <summary>Of a sentence: the log probability of the likeliest path that spells it.</summary>
    public static double OfSentence(ReadOnlySpan<float> logits_TV, Alphabet alphabet, string text)
    {
        var logProbs_TV = new float[logits_TV.Length];
        var blanks = 0.0;
        for (var t = 0; t < logits_TV.Length / alphabet.Count; t++)
        {
            var frame_V = logits_TV.Slice(t * alphabet.Count, alphabet.Count);
            var largest = float.NegativeInfinity;
            foreach (var logit in frame_V) largest = Math.Max(largest, logit);
            var sum = 0.0;
            foreach (var logit in frame_V) sum += Math.Exp(logit - largest);
            for (var v = 0; v < alphabet.Count; v++) logProbs_TV[t * alphabet.Count + v] = (float)(frame_V[v] - largest - Math.Log(sum));
            blanks += logProbs_TV[t * alphabet.Count + Alphabet.Blank];
        }
        return string.IsNullOrWhiteSpace(text) ? blanks : CtcAligner.Align(logProbs_TV, alphabet, text).Score;
    }
}
