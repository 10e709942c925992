namespace LipSol.Language.Evaluation;

/// <summary>A figure over several runs.</summary>
/// <param name="Mean">The mean over the runs (over speakers: over the speakers' means).</param>
/// <param name="Spread">The standard deviation between them (n − 1); null for one.</param>
/// <param name="Low">Lower end of the mean's 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Runs">Runs behind it.</param>
/// <param name="Count">Test samples of one run.</param>
/// <param name="Clips">Test clips they lie in.</param>
public sealed record SpreadFigure(double Mean, double? Spread, double Low, double High, int Runs, int Count, int Clips);

/// <summary>Several runs that differ in their seed alone: how well the configuration reads, and how much of a single figure was luck.</summary>
/// <remarks>
/// The interval of the mean holds both kinds of chance: which clips were tested (bootstrap over clips within speakers and, where there are enough, speakers; the same for all runs), and which seeds were drawn
/// (Student's t with runs − 1 degrees of freedom, drawn along with the clips). With two or three runs it's wide, as it should be.
/// </remarks>
public static class RunSpread
{
    private const double Tail = 0.025;

    /// <summary>The figures of runs that were tested on the same samples.</summary>
    /// <param name="runs">Their readings.</param>
    /// <param name="shared">Who counts as seen and as unseen; null: whom all of <paramref name="runs"/> were trained on, and whom none was.</param>
    /// <param name="speaker">Count this speaker's samples alone; null: all.</param>
    /// <param name="seed">Of the resampling.</param>
    /// <param name="resamples">Draws.</param>
    /// <exception cref="UnpairedEvaluationsException">The runs were tested on different samples.</exception>
    /// <exception cref="ArgumentException">No run, or no sample of the speaker.</exception>
    public static IReadOnlyDictionary<string, SpreadFigure> Of(IReadOnlyList<Evaluation> runs, SharedSpeakers? shared = null, string? speaker = null, int seed = 0, int resamples = 1000)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (runs.Count == 0) throw new ArgumentException("No run is given.", nameof(runs));
        foreach (var run in runs)
            if (run.TestHash != runs[0].TestHash) throw new UnpairedEvaluationsException(run.TestHash, runs[0].TestHash);
        shared ??= SharedSpeakers.Of(runs);
        var covered = runs.Select(r => r.Samples.Where(s => speaker is null || s.Speaker == speaker).ToArray()).ToArray();
        if (covered[0].Length == 0) throw new ArgumentException($"No test sample is of the speaker {speaker}.", nameof(speaker));
        var kinds = Metric.KindsFor([.. covered.SelectMany(samples => samples)]);
        var figures = new Dictionary<string, SpreadFigure>();
        Add("", _ => true);
        if (speaker is not null) return figures;
        Add("seen", s => shared.Seen.Contains(s.Speaker));
        Add("unseen", s => shared.Unseen.Contains(s.Speaker));
        return figures;

        void Add(string scope, Func<EvaluatedSample, bool> counts)
        {
            var samples = covered.Select(run => run.Where(counts).ToArray()).ToArray();
            if (samples[0].Length == 0) return;
            var metrics = kinds.Select(kind => Metric.In(scope, kind)).ToArray();
            foreach (var (metric, figure) in metrics.Zip(Figures(metrics, samples, seed, resamples))) figures[metric.ToString()] = figure;
        }
    }

    /// <summary>One figure over speakers, each read by runs that were never trained on them: the mean of the speakers' means, with the interval of speakers drawn at random (Student's t).</summary>
    /// <param name="speakers">A figure for each speaker.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="resamples">Draws.</param>
    /// <exception cref="ArgumentException">No speaker.</exception>
    public static SpreadFigure Across(IReadOnlyList<SpreadFigure> speakers, int seed = 0, int resamples = 10_000)
    {
        ArgumentNullException.ThrowIfNull(speakers);
        if (speakers.Count == 0) throw new ArgumentException("No speaker is given.", nameof(speakers));
        var values = speakers.Select(s => s.Mean).ToArray();
        var (mean, spread) = (values.Average(), Deviation(values));
        var (runs, count, clips) = (speakers.Sum(s => s.Runs), speakers.Sum(s => s.Count), speakers.Sum(s => s.Clips));
        // One speaker says nothing about another.
        if (spread is not { } deviation) return new SpreadFigure(mean, null, 0, Math.Max(1, mean), runs, count, clips);
        var random = new Random(seed);
        var draws = Enumerable.Range(0, resamples).Select(_ => mean + Student(random, values.Length - 1) * deviation / Math.Sqrt(values.Length)).Order().ToArray();
        return new SpreadFigure(mean, spread, Math.Max(0, Figure.Quantile(draws, Tail)), Math.Min(Math.Max(1, values.Max()), Figure.Quantile(draws, 1 - Tail)), runs, count, clips);
    }

    private static IEnumerable<SpreadFigure> Figures(Metric[] metrics, EvaluatedSample[][] runs, int seed, int resamples)
    {
        var resampling = ClipResampling.Of(runs[0], out var clipOf);
        var perClip = runs.Select(run => ClipResampling.Sum(run, clipOf, resampling.Clips)).ToArray();
        var totals = perClip.Select(clips => clips.Aggregate((a, b) => a + b)).ToArray();
        var values = metrics.Select(metric => totals.Select(metric.Value).ToArray()).ToArray();
        var deviations = values.Select(Deviation).ToArray();
        var draws = metrics.Select(_ => new double[resamples]).ToArray();
        var random = new Random(seed);
        var timesTaken = new int[resampling.Clips];
        for (var r = 0; r < resamples; r++)
        {
            resampling.Draw(random, timesTaken);
            var drawn = perClip.Select(clips => ClipResampling.Weighted(clips, timesTaken)).ToArray();
            // One draw of the seeds for all figures: they rise and fall together.
            var luck = runs.Length > 1 ? Student(random, runs.Length - 1) / Math.Sqrt(runs.Length) : 0;
            for (var m = 0; m < metrics.Length; m++) draws[m][r] = drawn.Average(metrics[m].Value) + luck * (deviations[m] ?? 0);
        }
        var together = totals.Aggregate((a, b) => a + b);
        for (var m = 0; m < metrics.Length; m++)
        {
            var mean = values[m].Average();
            var interval = Figure.From(mean, draws[m], metrics[m].HigherIsBetter, together, resampling.Clips);
            var most = metrics[m].HigherIsBetter ? 1 : Math.Max(1, values[m].Max());
            yield return new SpreadFigure(mean, deviations[m], Math.Clamp(interval.Low, 0, most), Math.Clamp(interval.High, 0, most), runs.Length, runs[0].Length, resampling.Clips);
        }
    }

    private static double? Deviation(double[] values)
    {
        if (values.Length < 2) return null;
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    /// <summary>A draw from Student's t: a normal over the root of a mean of squared normals.</summary>
    private static double Student(Random random, int degrees)
    {
        var squares = 0.0;
        for (var i = 0; i < degrees; i++)
        {
            var z = Normal(random);
            squares += z * z;
        }
        return Normal(random) / Math.Sqrt(squares / degrees);
    }

    // Box and Muller 1958.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>The speakers whom all of several runs were trained on, and those whom none was: what <c>seen</c> and <c>unseen</c> mean where runs with different training sets stand side by side.</summary>
/// <param name="Seen">Trained on by all.</param>
/// <param name="Unseen">Trained on by none.</param>
public sealed record SharedSpeakers(IReadOnlySet<string> Seen, IReadOnlySet<string> Unseen)
{
    /// <summary>Those of these runs.</summary>
    public static SharedSpeakers Of(IEnumerable<Evaluation> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var bySpeaker = runs.SelectMany(r => r.Samples).GroupBy(s => s.Speaker, s => s.Seen).Select(g => (Speaker: g.Key, All: g.All(seen => seen), Any: g.Any(seen => seen))).ToArray();
        return new SharedSpeakers(bySpeaker.Where(s => s.All).Select(s => s.Speaker).ToHashSet(), bySpeaker.Where(s => !s.Any).Select(s => s.Speaker).ToHashSet());
    }
}
