namespace LipSol.Language.Tests.Decoding;

/// <summary>Prefix beam search as the textbook writes it: a dictionary from text to probabilities, new for every frame.</summary>
internal static class DictionaryBeam
{
    public static List<(string Text, double Score)> Decode(float[] logProbs_TV, int classes, int width)
    {
        var beam = new Dictionary<string, (double Blank, double Letter)> { [""] = (1, 0) };
        for (var t = 0; t < logProbs_TV.Length / classes; t++)
        {
            var next = new Dictionary<string, (double Blank, double Letter)>();
            foreach (var (text, (blank, letter)) in beam)
                for (var v = 0; v < classes; v++)
                {
                    var p = Math.Exp(logProbs_TV[t * classes + v]);
                    if (v == 0) Add(next, text, (blank + letter) * p, 0);
                    else if (text.EndsWith((char)('0' + v)))
                    {
                        Add(next, text, 0, letter * p);
                        Add(next, text + v, 0, blank * p);
                    }
                    else Add(next, text + v, 0, (blank + letter) * p);
                }
            beam = next.OrderByDescending(e => e.Value.Blank + e.Value.Letter).Take(width).Where(e => e.Value.Blank + e.Value.Letter > 0).ToDictionary();
        }
        return [.. beam.Select(e => (e.Key, Math.Log(e.Value.Blank + e.Value.Letter))).OrderByDescending(e => e.Item2)];
    }

    private static void Add(Dictionary<string, (double Blank, double Letter)> beam, string text, double blank, double letter)
    {
        var (b, l) = beam.GetValueOrDefault(text);
        beam[text] = (b + blank, l + letter);
    }
}
