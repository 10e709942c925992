namespace LipSol.Language.Tests.Decoding;

/// <summary>Every path of a small output, summed up by text: what a decoder must find.</summary>
internal static class Enumeration
{
    /// <summary>Random log probabilities; <paramref name="peak"/> above 1 makes them peaky.</summary>
    public static float[] Random(Random random, int frames, int classes, double peak = 1)
    {
        var logProbs_TV = new float[frames * classes];
        for (var t = 0; t < frames; t++)
        {
            var weights = Enumerable.Range(0, classes).Select(_ => Math.Pow(random.NextDouble() + 1e-3, peak)).ToArray();
            for (var v = 0; v < classes; v++) logProbs_TV[t * classes + v] = (float)Math.Log(weights[v] / weights.Sum());
        }
        return logProbs_TV;
    }

    /// <summary>The texts that <paramref name="score"/> allows (null: not allowed), with log probability plus score, best first.</summary>
    public static List<(string Text, double Score)> Texts(float[] logProbs_TV, int classes, string letters, Func<string, double?> score)
    {
        var frames = logProbs_TV.Length / classes;
        var sums = new Dictionary<string, double>();
        var path = new int[frames];
        for (var number = 0L; number < (long)Math.Pow(classes, frames); number++)
        {
            var (rest, logProbability) = (number, 0.0);
            for (var t = 0; t < frames; t++)
            {
                path[t] = (int)(rest % classes);
                rest /= classes;
                logProbability += logProbs_TV[t * classes + path[t]];
            }
            var text = string.Concat(path.Where((v, t) => v != 0 && (t == 0 || path[t - 1] != v)).Select(v => letters[v - 1]));
            sums[text] = sums.GetValueOrDefault(text) + Math.Exp(logProbability);
        }
        return [.. sums.Where(s => score(s.Key) is not null).Select(s => (s.Key, Math.Log(s.Value) + score(s.Key)!.Value)).OrderByDescending(s => s.Item2)];
    }
}
