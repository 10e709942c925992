namespace LipSol.Language.Decoding;

/// <summary>What every decoder asks of its input: frame by frame, natural logarithms of the classes' probabilities, row by row.</summary>
internal static class LogProbabilities
{
    /// <summary>The number of frames.</summary>
    /// <exception cref="ArgumentException">No whole number of frames, or a value that is no log probability (NaN, +∞).</exception>
    public static int Frames(ReadOnlySpan<float> logProbs_TV, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (logProbs_TV.Length % classes != 0)
            throw new ArgumentException($"{logProbs_TV.Length} log probabilities are no whole number of frames of {classes} classes.", nameof(logProbs_TV));
        foreach (var value in logProbs_TV)
            if (!(value < float.PositiveInfinity)) throw new ArgumentException($"{value} is no log probability: the network's output is broken.", nameof(logProbs_TV));
        return logProbs_TV.Length / classes;
    }

    /// <summary>log(e^a + e^b).</summary>
    public static double Add(double a, double b)
    {
        if (a < b) (a, b) = (b, a);
        return double.IsNegativeInfinity(b) ? a : a + Math.Log(1 + Math.Exp(b - a));
    }
}
