namespace LipSol.Inference;

/// <summary>From logits to a word.</summary>
internal static class WordDecoding
{
    public const int Alternatives = 5;

    public static ClipReading Decode(ReadOnlySpan<float> logits_V, ModelManifest manifest, double start, double end)
    {
        var probabilities = Softmax(logits_V, manifest.Temperature);
        var best = Enumerable.Range(0, probabilities.Length).OrderByDescending(c => probabilities[c]).Take(Alternatives)
            .Select(c => new TextAlternative(manifest.Vocabulary[c], probabilities[c])).ToArray();
        var text = best[0].Text;
        return new ClipReading(text, best[0].Confidence, [new TimedWord(text, start, end, best[0].Confidence)], best,
            [.. manifest.Homophenes.Where(group => group.Contains(text)).SelectMany(group => group).Where(word => word != text).Distinct()]);
    }

    /// <summary>Softmax of logits / temperature (temperature scaling: Guo et al. 2017, "On Calibration of Modern Neural Networks").</summary>
    public static double[] Softmax(ReadOnlySpan<float> logits_V, double temperature)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits_V)
        {
            if (!float.IsFinite(logit)) throw new UnusableModelException("The network gave a logit that isn't a number. Train or export the model again.");
            largest = Math.Max(largest, logit);
        }
        var probabilities = new double[logits_V.Length];
        var sum = 0.0;
        for (var c = 0; c < logits_V.Length; c++) sum += probabilities[c] = Math.Exp((logits_V[c] - largest) / temperature);
        for (var c = 0; c < probabilities.Length; c++) probabilities[c] /= sum;
        return probabilities;
    }
}
