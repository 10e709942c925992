using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>From one row of logits a frame to text.</summary>
internal static class SentenceDecoding
{
    public static ClipReading Decode(ReadOnlySpan<float> logits_TV, ModelManifest manifest, double framesPerSecond, double start)
    {
        var classes = manifest.Vocabulary.Count;
        var letters = new List<(string Letter, int Frame, double LogProbability)>();
        var (last, total) = (Alphabet.Blank, 0.0);
        for (var t = 0; t < logits_TV.Length / classes; t++)
        {
            var probabilities = WordDecoding.Softmax(logits_TV.Slice(t * classes, classes), manifest.Temperature);
            var best = Array.IndexOf(probabilities, probabilities.Max());
            var logProbability = Math.Log(probabilities[best]);
            total += logProbability;
            if (best != last && best != Alphabet.Blank) letters.Add((manifest.Vocabulary[best], t, logProbability));
            last = best;
        }
        var words = Words(letters, framesPerSecond, start);
        var text = string.Join(' ', words.Select(w => w.Text));
        var confidence = Math.Exp(total / Math.Max(1, letters.Count));
        return new ClipReading(text, confidence, words, [new TextAlternative(text, confidence)], []);
    }

    private static List<TimedWord> Words(List<(string Letter, int Frame, double LogProbability)> letters, double framesPerSecond, double start)
    {
        var words = new List<TimedWord>();
        for (var i = 0; i < letters.Count;)
        {
            var next = letters.FindIndex(i, l => l.Letter == " ");
            if (next < 0) next = letters.Count;
            if (next > i)
            {
                var own = letters[i..next];
                words.Add(new TimedWord(string.Concat(own.Select(l => l.Letter)), start + own[0].Frame / framesPerSecond, start + (own[^1].Frame + 1) / framesPerSecond, Math.Exp(own.Average(l => l.LogProbability))));
            }
            i = next + 1;
        }
        return words;
    }
}
