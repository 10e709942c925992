using LipSol.Benchmarks.Running;
using LipSol.Language.Evaluation;
using LipSol.Language.Scoring;

namespace LipSol.Benchmarks.ErrorRates;

/// <summary>Word and character errors of sentences, against the textbook's full matrix, and the report of a test split with its intervals.</summary>
internal sealed class ErrorRateBenchmark : IBenchmark
{
    private const int Sentences = 2000;
    private static readonly string[] Words = "آپ میں وہ ہم کتنے کدھر کونسا کیسے تھا تھے ہوں ہے جی نہیں ہاں کب کون کیوں ایک دو تین چار پانچھ چھ سات آٹھ نو".Split(' ');

    public string Name => "error-rates";

    public string About => "WER and CER of sentences a second, against the textbook's full matrix; a test split's report with intervals";

    public Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var pairs = MakePairs(new Random(7));
        var samples = pairs.Take(480).Select((p, i) => new EvaluatedSample($"c{i}", $"s{i % 6}", i % 6 < 4, p.Reference, p.Read, 0.5)).ToArray();
        var evaluation = EvaluationFile.Create("0123456789abcdef0123456789abcdef", samples);
        List<double> ours = [], textbook = [], report = [];
        for (var i = -1; i < run.Repetitions; i++)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var (a, b) = (0L, 0L);
            var plain = Statistics.Rate(() => { a = pairs.Sum(p => Textbook(p.Reference.Split(' '), p.Read.Split(' ')) + Textbook(Characters(p.Reference), Characters(p.Read))); return pairs.Length; });
            var rate = Statistics.Rate(() =>
            {
                foreach (var (reference, read) in pairs)
                {
                    var counts = ErrorCounts.Of(reference, read);
                    b += counts.WordErrors + counts.CharacterErrors;
                }
                return pairs.Length;
            });
            if (a != b) throw new InvalidOperationException($"The two count differently: {a} and {b} errors.");
            var perSecond = Statistics.Rate(() => EvaluationReport.From(evaluation).Figures.Count > 0 ? 1 : 0);
            if (i < 0) continue; // the first round warms the code
            textbook.Add(plain);
            ours.Add(rate);
            report.Add(1000 / perSecond);
        }
        return Task.FromResult(new BenchmarkReport(Name,
        [
            Measured.Of("WER and CER", ours, "sentences/s"),
            Measured.Of("reference: textbook matrix", textbook, "sentences/s"),
            Measured.Of("report of 480 samples, 6 speakers, 1000 resamples", report, "ms"),
        ],
        [new Ratio("WER and CER / textbook", Statistics.Median(ours.Zip(textbook, (x, y) => x / y)), AtLeast: 1)]));
    }

    private static (string Reference, string Read)[] MakePairs(Random random) =>
        [.. Enumerable.Range(0, Sentences).Select(_ =>
        {
            var reference = Enumerable.Range(0, 6).Select(_ => Words[random.Next(Words.Length)]).ToArray();
            var read = reference.Where(_ => random.NextDouble() > 0.1).Select(w => random.NextDouble() < 0.3 ? Words[random.Next(Words.Length)] : w);
            return (string.Join(' ', reference), string.Join(' ', read));
        })];

    private static int[] Characters(string text) => [.. text.EnumerateRunes().Select(r => r.Value)];

    private static int Textbook<T>(T[] reference, T[] read) where T : IEquatable<T>
    {
        var d = new int[reference.Length + 1, read.Length + 1];
        for (var i = 0; i <= reference.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= read.Length; j++) d[0, j] = j;
        for (var i = 1; i <= reference.Length; i++)
            for (var j = 1; j <= read.Length; j++)
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (reference[i - 1].Equals(read[j - 1]) ? 0 : 1));
        return d[reference.Length, read.Length];
    }
}
