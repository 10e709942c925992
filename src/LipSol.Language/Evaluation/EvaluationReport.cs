using LipSol.Language.Scoring;

namespace LipSol.Language.Evaluation;

/// <summary>The figures that follow from an evaluation. A function of the evaluation and the seed.</summary>
public sealed record EvaluationReport
{
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>Identifies the test samples (see <see cref="Evaluation.TestHash"/>).</summary>
    public required string TestHash { get; init; }
    /// <summary>Figures by name (see <see cref="Metric"/>); scopes without a sample are left out. <c>sentence_accuracy</c> only where a sample has several words, <c>ger</c> only
    /// where it can differ from <c>cer</c>.</summary>
    public required IReadOnlyDictionary<string, Figure> Figures { get; init; }
    /// <summary>What stands behind the figures, by scope: <c>all</c>, <c>seen</c>, <c>unseen</c>, <c>speaker:NAME</c>.</summary>
    public required IReadOnlyDictionary<string, EvaluatedScope> Scopes { get; init; }
    /// <summary>Which word was read as which.</summary>
    public required ConfusionMatrix Confusions { get; init; }
    /// <summary>Which letter was read as which.</summary>
    public required ConfusionMatrix LetterConfusions { get; init; }
    /// <summary>Which viseme was read as which.</summary>
    public required ConfusionMatrix VisemeConfusions { get; init; }
    /// <summary>Words, said or read, that <see cref="VisemeConfusions"/> leaves out.</summary>
    public required int WordsWithoutVisemes { get; init; }
    /// <summary>The samples with the most errors, worst first; among equals those with the most confidence in the wrong answer first.</summary>
    public required IReadOnlyList<EvaluatedSample> Worst { get; init; }
    /// <summary>Expected calibration error (15 bins).</summary>
    public required double CalibrationError { get; init; }
    /// <summary>Confidence of whole samples against how often they're right; null in reports made before it was kept.</summary>
    public ReliabilityDiagram? SampleReliability { get; init; }
    /// <summary>Confidence of single words against how often they're right; null also where the model gives the words of its sentences none.</summary>
    public ReliabilityDiagram? WordReliability { get; init; }
    /// <summary>Samples whose word times were estimated rather than given.</summary>
    public required int EstimatedTimes { get; init; }

    /// <summary>What each of the model's decoders makes of the same samples (<see cref="DecoderFigures"/>), the default one among them; null where the model has none, and in reports made before it was kept.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, Figure>>? Decoders { get; init; }

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
        var counted = samples.Select(Counted.Of).ToArray();
        var kinds = Metric.KindsFor(samples);
        var figures = new Dictionary<string, Figure>();
        var evaluated = new Dictionary<string, EvaluatedScope>();
        foreach (var scope in Metric.ScopesOf(samples))
        {
            var metrics = kinds.Select(kind => Metric.In(scope, kind)).ToArray();
            var covered = counted.Where(c => metrics[0].Covers(c.Sample)).ToArray();
            if (covered.Length > 0) evaluated[scope.Length == 0 ? "all" : scope] = Add(figures, metrics, covered, seed, resamples);
        }
        var reliability = Calibration.Reliability(samples.Select(s => (s.Confidence, s.Expected == s.Text)));
        var words = WordAnswers.Of(samples).ToArray();
        var visemes = ConfusionMatrix.OfVisemes(samples, out var withoutVisemes);
        return new EvaluationReport
        {
            DataHash = evaluation.DataHash,
            TestHash = evaluation.TestHash,
            Figures = figures,
            Scopes = evaluated,
            Confusions = ConfusionMatrix.Of(samples),
            LetterConfusions = ConfusionMatrix.OfLetters(samples),
            VisemeConfusions = visemes,
            WordsWithoutVisemes = withoutVisemes,
            Worst = [.. counted.Where(x => x.Counts.CharacterErrors > 0)
                .OrderByDescending(x => x.Counts.WordErrors / (double)Math.Max(1, x.Counts.Words)).ThenByDescending(x => x.Sample.Confidence)
                .ThenBy(x => x.Sample.Id, StringComparer.Ordinal).Take(worst).Select(x => x.Sample)],
            CalibrationError = reliability.ExpectedError,
            SampleReliability = reliability,
            WordReliability = words.Length == 0 ? null : Calibration.Reliability(words),
            EstimatedTimes = samples.Count(s => s.EstimatedTimes),
        };
    }

    private static EvaluatedScope Add(Dictionary<string, Figure> figures, Metric[] metrics, Counted[] samples, int seed, int resamples)
    {
        var resampling = ClipResampling.Of([.. samples.Select(s => s.Sample)], out var clipOf);
        var perClip = ClipResampling.Sum([.. samples.Select(s => s.Counts)], clipOf, resampling.Clips);
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
        return new EvaluatedScope(samples.Length, resampling.Clips, resampling.Speakers, resampling.SpeakersDrawn,
            samples.Aggregate(new EditCounts(), (sum, s) => sum + s.Words), samples.Aggregate(new EditCounts(), (sum, s) => sum + s.Letters));
    }

    private readonly record struct Counted(EvaluatedSample Sample, ErrorCounts Counts, EditCounts Words, EditCounts Letters)
    {
        public static Counted Of(EvaluatedSample s) =>
            new(s, ErrorCounts.Of(s.Expected, s.Text), EditCounts.OfWords(s.Expected, s.Text), EditCounts.OfLetters(s.Expected, s.Text));
    }
}
