namespace LipSol.Models.Prediction;

/// <summary>Makes confidences mean what they say: one temperature that divides the logits (Guo et al. 2017, https://arxiv.org/abs/1706.04599).</summary>
internal static class TemperatureScaling
{
    /// <summary>The temperature with the smallest loss, between 1/20 and 20; 1 where there is nothing to fit on.</summary>
    /// <remarks>
    /// n samples that are all read rightly would make every confidence 1. They don't say that: by Laplace's rule of succession one more is
    /// wrong with a chance of 1 / (n + 2), so that share of each target goes to the other words.
    /// </remarks>
    public static double Fit(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels)
    {
        var known = labels.Count(l => l >= 0);
        if (known == 0) return 1;
        var doubt = 1.0 / (known + 2);
        double Loss(double logTemperature) => NegativeLogLikelihood(logits, labels, Math.Exp(logTemperature), doubt);
        // The loss has one minimum along log T: golden-section search.
        var (low, high) = (Math.Log(1 / 20.0), Math.Log(20.0));
        var golden = (Math.Sqrt(5) - 1) / 2;
        for (var i = 0; i < 40; i++)
        {
            var (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if (Loss(left) < Loss(right)) high = right;
            else low = left;
        }
        return Math.Exp((low + high) / 2);
    }

    /// <summary>The mean over the samples whose word is known (label ≥ 0), with a share of <paramref name="doubt"/> of each target on the other words.</summary>
    public static double NegativeLogLikelihood(IReadOnlyList<float[]> logits, IReadOnlyList<int> labels, double temperature, double doubt = 0)
    {
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < logits.Count; i++)
        {
            if (labels[i] < 0) continue;
            var probabilities = Probabilities(logits[i], temperature);
            for (var v = 0; v < probabilities.Length; v++)
            {
                var share = v == labels[i] ? 1 - doubt : doubt / (probabilities.Length - 1);
                if (share > 0) sum -= share * Math.Log(Math.Max(double.Epsilon, probabilities[v]));
            }
            count++;
        }
        return sum / Math.Max(1, count);
    }

    /// <summary>softmax(logits / temperature).</summary>
    public static double[] Probabilities(ReadOnlySpan<float> logits_V, double temperature)
    {
        var probabilities = new double[logits_V.Length];
        var largest = double.NegativeInfinity;
        foreach (var logit in logits_V) largest = Math.Max(largest, logit);
        var sum = 0.0;
        for (var v = 0; v < probabilities.Length; v++) sum += probabilities[v] = Math.Exp((logits_V[v] - largest) / temperature);
        for (var v = 0; v < probabilities.Length; v++) probabilities[v] /= sum;
        return probabilities;
    }
}
