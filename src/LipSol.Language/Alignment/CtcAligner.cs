using System.Buffers;
using LipSol.Language.Decoding;

namespace LipSol.Language.Alignment;

/// <summary>Forced alignment: the likeliest of the CTC paths that spell a text (Viterbi over letters and the blanks between them).</summary>
public static class CtcAligner
{
    // A class of probability 0 may have to be passed (a text the network excludes): then as little of it as can be.
    private const double Impossible = -1e6;

    /// <summary>The frames that a text needs: one a letter, and a blank between equal neighbours.</summary>
    public static int FramesNeeded(ReadOnlySpan<int> letters)
    {
        var needed = letters.Length;
        for (var i = 1; i < letters.Length; i++)
            if (letters[i] == letters[i - 1]) needed++;
        return needed;
    }

    /// <summary>Refuses a transcript that can't be aligned to so many frames.</summary>
    /// <returns>Its classes.</returns>
    /// <exception cref="UnusableTranscriptException">It's empty, has letters outside the alphabet, or is too long.</exception>
    public static int[] Check(string text, Alphabet alphabet, int frames)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text)) throw UnusableTranscriptException.Empty();
        var letters = alphabet.Encode(text);
        var needed = FramesNeeded(letters);
        return needed <= frames ? letters : throw UnusableTranscriptException.TooLong(text, needed, frames);
    }

    /// <summary>Aligns a (normalised) text.</summary>
    /// <param name="logProbs_TV">Natural log probabilities, T frames of <see cref="Alphabet.Count"/> classes.</param>
    /// <param name="alphabet">The model's.</param>
    /// <param name="text">What is said.</param>
    /// <remarks>Where paths tie, the letters come as late as they can. A probability of 0 counts as e^−1000000: every text that fits has a path.</remarks>
    /// <exception cref="UnusableTranscriptException">The text is empty, has letters outside the alphabet, or is longer than the frames allow.</exception>
    /// <exception cref="ArgumentException">The values are no log probabilities of that shape.</exception>
    public static CtcAlignment Align(ReadOnlySpan<float> logProbs_TV, Alphabet alphabet, string text)
    {
        ArgumentNullException.ThrowIfNull(alphabet);
        var frames = LogProbabilities.Frames(logProbs_TV, alphabet.Count);
        var letters = Check(text, alphabet, frames);
        var places = new int[frames];
        var score = Path(logProbs_TV, alphabet.Count, letters, places);

        var aligned = new List<AlignedText>(letters.Length);
        for (var t = 0; t < frames; t++)
        {
            if (places[t] % 2 == 0) continue;
            var start = t;
            while (t + 1 < frames && places[t + 1] == places[start]) t++;
            aligned.Add(new AlignedText(alphabet.Letters[letters[places[start] / 2] - 1], start, t + 1));
        }
        return new CtcAlignment(score, aligned);
    }

    // Places 0, 2, 4 … are blanks, place 2i + 1 is letter i (Graves et al. 2006, section 4.1, with max for sum).
    private static double Path(ReadOnlySpan<float> logProbs_TV, int classes, int[] letters, int[] places)
    {
        var (frames, count) = (places.Length, 2 * letters.Length + 1);
        var back = ArrayPool<byte>.Shared.Rent(frames * count);
        try
        {
            var (best, next) = (new double[count], new double[count]);
            Array.Fill(best, double.NegativeInfinity);
            best[0] = LogProbability(logProbs_TV, 0);
            best[1] = LogProbability(logProbs_TV, letters[0]);
            for (var t = 1; t < frames; t++)
            {
                var frame_V = logProbs_TV.Slice(t * classes, classes);
                for (var p = 0; p < count; p++)
                {
                    var (from, step) = (best[p], 0);
                    if (p > 0 && best[p - 1] > from) (from, step) = (best[p - 1], 1);
                    // Over a blank, unless the letters are equal and only the blank keeps them apart.
                    if (p > 2 && p % 2 == 1 && letters[p / 2] != letters[p / 2 - 1] && best[p - 2] > from) (from, step) = (best[p - 2], 2);
                    back[t * count + p] = (byte)step;
                    next[p] = from + LogProbability(frame_V, p % 2 == 0 ? Alphabet.Blank : letters[p / 2]);
                }
                (best, next) = (next, best);
            }
            var place = best[count - 1] > best[count - 2] ? count - 1 : count - 2;
            var score = best[place];
            for (var t = frames - 1; t >= 0; t--)
            {
                places[t] = place;
                if (t > 0) place -= back[t * count + place];
            }
            return score;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(back);
        }
    }

    private static double LogProbability(ReadOnlySpan<float> frame_V, int letter) => Math.Max(frame_V[letter], Impossible);
}
