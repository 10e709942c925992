namespace LipSol.Language.Decoding;

/// <summary>Best path decoding (Graves et al. 2006): the likeliest class of every frame, repeats merged, blanks left out. Fast; not the likeliest text.</summary>
public static class GreedyCtcDecoder
{
    /// <summary>The text's classes and the log probability of the one path that spelt it.</summary>
    /// <param name="logProbs_TV">Natural log probabilities, T frames of V classes.</param>
    /// <param name="classes">V, the blank (0) included.</param>
    /// <remarks>Where classes tie, the lowest is taken.</remarks>
    /// <exception cref="ArgumentException">The values are no log probabilities of that shape.</exception>
    public static (int[] Letters, double LogProbability) Decode(ReadOnlySpan<float> logProbs_TV, int classes)
    {
        var frames = LogProbabilities.Frames(logProbs_TV, classes);
        var letters = new List<int>();
        var (previous, score) = (Alphabet.Blank, 0.0);
        for (var t = 0; t < frames; t++)
        {
            var frame_V = logProbs_TV.Slice(t * classes, classes);
            var best = 0;
            for (var v = 1; v < classes; v++)
                if (frame_V[v] > frame_V[best]) best = v;
            if (best != Alphabet.Blank && best != previous) letters.Add(best);
            previous = best;
            score += frame_V[best];
        }
        return ([.. letters], score);
    }
}
