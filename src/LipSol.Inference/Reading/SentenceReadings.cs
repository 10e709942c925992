using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>From a network's logits, one row a frame, to what a decoder reads in them.</summary>
internal static class SentenceReadings
{
    /// <summary>Decodes a clip.</summary>
    /// <param name="logits_TV">The network's answer.</param>
    /// <param name="decoder">What reads.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="temperature">Divides the logits; confidence is calibrated by the decoder, not by this.</param>
    /// <param name="framesPerSecond">Of the clip.</param>
    /// <param name="start">Where what is read starts, in seconds from the clip's start.</param>
    public static ClipReading Of(ReadOnlySpan<float> logits_TV, SentenceDecoder decoder, DecoderKind kind, double temperature, double framesPerSecond, double start)
    {
        var classes = decoder.Alphabet.Count;
        var read = decoder.Decode(LogProbabilities(logits_TV, classes, temperature), logits_TV.Length / classes);
        return new ClipReading(read.Text, read.Confidence, [.. read.Words.Select(w => new TimedWord(w.Text, start + w.Start / framesPerSecond, start + w.End / framesPerSecond, w.Confidence))],
            [.. read.NBest.Select(a => new TextAlternative(a.Text, a.Confidence) { Score = a.Score })], [])
        { Decoder = kind };
    }

    /// <summary>log softmax(logits / temperature), frame by frame.</summary>
    /// <exception cref="UnusableModelException">A logit isn't a number.</exception>
    public static float[] LogProbabilities(ReadOnlySpan<float> logits_TV, int classes, double temperature)
    {
        var logProbs_TV = new float[logits_TV.Length];
        for (var at = 0; at < logits_TV.Length; at += classes)
        {
            var frame_V = logits_TV.Slice(at, classes);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (var logit in frame_V)
            {
                if (!float.IsFinite(logit)) throw new UnusableModelException("The network gave a logit that isn't a number. Train or export the model again.");
                largest = Math.Max(largest, logit);
            }
            foreach (var logit in frame_V) sum += Math.Exp((logit - largest) / temperature);
            var normaliser = Math.Log(sum);
            for (var v = 0; v < classes; v++) logProbs_TV[at + v] = (float)((frame_V[v] - largest) / temperature - normaliser);
        }
        return logProbs_TV;
    }
}
