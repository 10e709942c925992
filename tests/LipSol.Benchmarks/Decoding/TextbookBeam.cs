using LipSol.Language.Decoding;

namespace LipSol.Benchmarks.Decoding;

/// <summary>Prefix beam search as it's usually written (Hannun et al. 2014): a dictionary from prefix to probabilities for every frame, the language model's steps kept by prefix.</summary>
internal static class TextbookBeam
{
    public static (int[] Letters, double Score) Decode(float[] output_TV, int classes, int width, ITextAutomaton scorer)
    {
        var never = double.NegativeInfinity;
        var beam = new Dictionary<string, (double Blank, double Letter)> { [""] = (0, never) };
        var known = new Dictionary<string, (double Score, long[] Next_V, double[] Step_V)> { [""] = See(scorer.Start, 0) };
        for (var t = 0; t < output_TV.Length / classes; t++)
        {
            var next = new Dictionary<string, (double Blank, double Letter)>();
            foreach (var (prefix, (blank, letter)) in beam)
            {
                var both = Add(blank, letter);
                for (var v = 0; v < classes; v++)
                {
                    double p = output_TV[t * classes + v];
                    if (v == 0) Put(prefix, both + p, never);
                    else if (prefix.Length > 0 && prefix[^1] == v)
                    {
                        Put(prefix, never, letter + p);
                        Put(prefix + (char)v, never, blank + p);
                    }
                    else Put(prefix + (char)v, never, both + p);
                }
            }
            beam = next.OrderByDescending(e => Add(e.Value.Blank, e.Value.Letter) + Score(e.Key)).Take(width).ToDictionary();
            foreach (var prefix in beam.Keys)
                if (!known.ContainsKey(prefix)) known[prefix] = See(known[prefix[..^1]].Next_V[prefix[^1]], Score(prefix));

            void Put(string prefix, double blank, double letter)
            {
                var (b, l) = next.TryGetValue(prefix, out var there) ? there : (never, never);
                next[prefix] = (Add(b, blank), Add(l, letter));
            }
        }
        var best = beam.MaxBy(e => Total(e.Key, e.Value));
        return ([.. best.Key.Select(c => (int)c)], Total(best.Key, best.Value));

        double Total(string prefix, (double Blank, double Letter) p) => Add(p.Blank, p.Letter) + known[prefix].Score + known[prefix].Step_V[0];

        double Score(string prefix)
        {
            if (known.TryGetValue(prefix, out var there)) return there.Score;
            var (score, _, step_V) = known[prefix[..^1]];
            return score + step_V[prefix[^1]];
        }

        (double, long[], double[]) See(long state, double score)
        {
            var (next_V, step_V) = (new long[classes], new double[classes]);
            scorer.Step(state, next_V, step_V);
            return (score, next_V, step_V);
        }
    }

    private static double Add(double a, double b)
    {
        var most = Math.Max(a, b);
        return double.IsNegativeInfinity(most) ? most : most + Math.Log(Math.Exp(a - most) + Math.Exp(b - most));
    }
}
