using System.Globalization;
using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Evaluation;

/// <summary>Error rates and intervals written from their definitions, without a line of the product's: slow, and nothing to it.</summary>
internal static class SecondImplementation
{
    public static double Rate(string kind, IReadOnlyList<EvaluatedSample> samples) => Rate(kind, samples.Select(s => Errors(kind, s)));

    /// <summary>Percentiles of the rate over test sets put together from clips drawn within speakers, and from speakers drawn first where <paramref name="drawSpeakers"/> says so.</summary>
    public static (double Low, double High) Interval(string kind, IReadOnlyList<EvaluatedSample> samples, bool drawSpeakers, int draws, int seed)
    {
        var random = new Random(seed);
        var speakers = samples.GroupBy(s => s.Speaker).Select(g => g.GroupBy(s => s.Id.Split('#')[0]).Select(c => c.Select(s => Errors(kind, s)).ToArray()).ToArray()).ToArray();
        var rates = new List<double>();
        for (var d = 0; d < draws; d++)
        {
            var set = new List<(int Errors, int Length)>();
            foreach (var own in speakers)
            {
                var clips = drawSpeakers ? speakers[random.Next(speakers.Length)] : own;
                foreach (var _ in clips) set.AddRange(clips[random.Next(clips.Length)]);
            }
            rates.Add(Rate(kind, set));
        }
        rates.Sort();
        return (rates[(int)(0.025 * draws)], rates[(int)(0.975 * draws)]);
    }

    private static double Rate(string kind, IEnumerable<(int Errors, int Length)> counts)
    {
        var (errors, length) = counts.Aggregate((0, 0), (sum, c) => (sum.Item1 + c.Errors, sum.Item2 + c.Length));
        return kind == "word_accuracy" ? Math.Max(0, 1 - errors / (double)length) : errors / (double)length;
    }

    private static (int Errors, int Length) Errors(string kind, EvaluatedSample s) => kind switch
    {
        "cer" => (Distance(Points(s.Expected), Points(s.Text)), Points(s.Expected).Length),
        "ger" => (Distance(Letters(s.Expected), Letters(s.Text)), Letters(s.Expected).Length),
        "sentence_accuracy" => (s.Expected == s.Text ? 1 : 0, 1),
        _ => (Distance(Words(s.Expected), Words(s.Text)), Words(s.Expected).Length),
    };

    private static string[] Words(string text) => text.Split(' ').Where(w => w.Length > 0).ToArray();

    private static string[] Points(string text)
    {
        var points = new List<string>();
        for (var i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1) points.Add(char.ConvertFromUtf32(char.ConvertToUtf32(text, i)));
        return [.. points];
    }

    private static string[] Letters(string text)
    {
        var letters = new List<string>();
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (element[0] == 'ھ' && letters.Count > 0 && "ب پ ت ٹ ج چ د ڈ ر ڑ ک گ ل م ن و ی".Split(' ').Contains(letters[^1])) letters[^1] += element;
            else letters.Add(element);
        }
        return [.. letters];
    }

    // Breadth first over (i, j): each wave holds what can be reached with one edit more.
    private static int Distance(string[] a, string[] b)
    {
        var reached = new HashSet<(int, int)>();
        var wave = Free([(0, 0)]);
        for (var edits = 0; ; edits++)
        {
            if (wave.Contains((a.Length, b.Length))) return edits;
            reached.UnionWith(wave);
            wave = Free(wave.SelectMany(p => new[] { (p.Item1 + 1, p.Item2), (p.Item1, p.Item2 + 1), (p.Item1 + 1, p.Item2 + 1) })
                .Where(p => p.Item1 <= a.Length && p.Item2 <= b.Length && !reached.Contains(p)));
        }

        HashSet<(int, int)> Free(IEnumerable<(int I, int J)> from)
        {
            var all = new HashSet<(int, int)>();
            foreach (var (i, j) in from)
                for (var k = 0; all.Add((i + k, j + k)) && i + k < a.Length && j + k < b.Length && a[i + k] == b[j + k]; k++) { }
            return all;
        }
    }
}
