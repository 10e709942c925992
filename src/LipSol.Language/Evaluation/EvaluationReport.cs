using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>The figures that follow from an evaluation. A function of the evaluation and the seed.</summary>
public sealed record EvaluationReport
{
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Identifies the test samples (see <see cref="Evaluation.TestHash"/>).</summary>
    public required string TestHash { get; init; }
    /// <summary>Figures by name (see <see cref="Metric"/>); scopes without a sample are left out. <c>sentence_accuracy</c> only where a sample has several words.</summary>
    public required IReadOnlyDictionary<string, Figure> Figures { get; init; }
    /// <summary>Which word was read as which.</summary>
    public required ConfusionMatrix Confusions { get; init; }
    /// <summary>The samples with the most errors, worst first; among equals those with the most confidence in the wrong answer first.</summary>
    public required IReadOnlyList<EvaluatedSample> Worst { get; init; }
    /// <summary>Expected calibration error (15 bins).</summary>
    public required double CalibrationError { get; init; }
    /// <summary>Samples whose word times were estimated rather than given.</summary>
    public required int EstimatedTimes { get; init; }

    /// <summary>Computes the report.</summary>
    /// <param name="evaluation">The readings.</param>
    /// <param name="seed">Of the resampling: equal seeds give equal intervals.</param>
    /// <param name="resamples">Draws of the bootstrap.</param>
    /// <param name="worst">How many of the worst samples to keep.</param>
    public static EvaluationReport From(Evaluation evaluation, int seed = 0, int resamples = 1000, int worst = 20)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        var samples = evaluation.Samples;
        var scopes = new List<string> { "", "seen", "unseen" };
        scopes.AddRange(samples.Select(s => s.Speaker).Distinct().Order(StringComparer.Ordinal).Select(s => "speaker:" + s));
        string[] kinds = samples.Any(s => s.Expected.Contains(' ', StringComparison.Ordinal))
            ? [Metric.WordAccuracy, Metric.Wer, Metric.Cer, Metric.SentenceAccuracy] : [Metric.WordAccuracy, Metric.Wer, Metric.Cer];
        var figures = new Dictionary<string, Figure>();
        foreach (var scope in scopes)
        {
            var metrics = kinds.Select(kind => Metric.Parse(scope.Length == 0 ? kind : $"{kind}.{scope}")).ToArray();
            var covered = samples.Where(metrics[0].Covers).ToArray();
            if (covered.Length > 0) Add(figures, metrics, covered, seed, resamples);
        }
        return new EvaluationReport
        {
            DataHash = evaluation.DataHash,
            TestHash = evaluation.TestHash,
            Figures = figures,
            Confusions = ConfusionMatrix.Of(samples),
            Worst = [.. samples.Select(s => (Sample: s, Counts: ErrorCounts.Of(s.Expected, s.Text))).Where(x => x.Counts.CharacterErrors > 0)
                .OrderByDescending(x => x.Counts.WordErrors / (double)Math.Max(1, x.Counts.Words)).ThenByDescending(x => x.Sample.Confidence)
                .ThenBy(x => x.Sample.Id, StringComparer.Ordinal).Take(worst).Select(x => x.Sample)],
            CalibrationError = Calibration.ExpectedError(samples),
            EstimatedTimes = samples.Count(s => s.EstimatedTimes),
        };
    }

    private static void Add(Dictionary<string, Figure> figures, Metric[] metrics, EvaluatedSample[] samples, int seed, int resamples)
    {
        var resampling = ClipResampling.Of(samples, out var clipOf);
        var perClip = ClipResampling.Sum(samples, clipOf, resampling.Clips);
        var random = new Random(seed);
        var values = metrics.Select(_ => new double[resamples]).ToArray();
        var timesTaken = new int[resampling.Clips];
        for (var r = 0; r < resamples; r++)
        {
            resampling.Draw(random, timesTaken);
            var counts = ClipResampling.Weighted(perClip, timesTaken);
            for (var m = 0; m < metrics.Length; m++) values[m][r] = metrics[m].Value(counts);
        }
        var total = perClip.Aggregate((a, b) => a + b);
        for (var m = 0; m < metrics.Length; m++)
            figures[metrics[m].ToString()] = Figure.From(metrics[m].Value(total), values[m], metrics[m].HigherIsBetter, total, resampling.Clips);
    }
}
