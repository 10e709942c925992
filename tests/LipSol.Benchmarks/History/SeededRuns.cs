using System.Globalization;
using LipSol.Contracts.Runs;

namespace LipSol.Benchmarks.History;

/// <summary>The runs that are searched: the same on every database and every day. Each has the parameters, tags, metrics and figures that a training leaves.</summary>
internal static class SeededRuns
{
    public const int Count = 10_000;
    public const int StepsEach = 113;

    /// <summary>The run whose one metric has a million points.</summary>
    public const string LongRun = "run00000";
    public const string LongMetric = "train_loss";
    public const int LongSteps = 1_000_000;

    private static readonly string[] Metrics = ["train_loss", "val_loss", "train_accuracy", "val_accuracy", "val_wer", "val_cer", "learning_rate", "clips_per_second"];
    private static readonly string[] Networks = ["word-tcn", "word-gru", "char-tcn", "char-gru"];
    private static readonly string[] Corpora = ["grid", "synth-urdu", "urdu-sentences"];
    private static readonly string[] Owners = ["ayesha", "bilal", "hamza", "sana", "zainab"];
    private static readonly string[] Purposes = ["baseline", "ablation", "sweep", "debug"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>All points of all runs.</summary>
    public static long Points => (long)(Count - 1) * StepsEach * Metrics.Length + LongSteps;

    public static string Id(int run) => $"run{run:00000}";

    /// <summary>All points of a run but the long one, by step.</summary>
    public static List<MetricPoint> PointsOf(int run)
    {
        var points = new List<MetricPoint>(StepsEach * Metrics.Length);
        for (var step = 0; step < StepsEach; step++)
            for (var metric = 0; metric < Metrics.Length; metric++)
                points.Add(new MetricPoint(Metrics[metric], step * 10, Value(run, metric, step), Created(run).AddSeconds(step)));
        return points;
    }

    /// <summary>Points of the long run's metric.</summary>
    public static List<MetricPoint> LongPoints(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(step => new MetricPoint(LongMetric, step, Value(0, 0, step / 8000) + 0.01 * Math.Sin(step), Start.AddSeconds(step)))];

    /// <summary>A run's record, with its metrics as its points give them.</summary>
    public static RunRecord Record(int run)
    {
        var random = new Random(run);
        T One<T>(params ReadOnlySpan<T> of) => of[random.Next(of.Length)];
        var status = run % 20 == 3 ? RunStatus.Failed : run % 20 == 7 ? RunStatus.Stopped : RunStatus.Completed;
        var parameters = new Dictionary<string, string>
        {
            ["learning_rate"] = One("0.001", "0.002", "0.0005", "0.004"),
            ["batch_size"] = One("8", "16", "32", "64"),
            ["weight_decay"] = One("0.05", "0.01", "0.1"),
            ["epochs"] = One("40", "60", "90", "120"),
            ["dropout"] = random.NextDouble().ToString("0.###", CultureInfo.InvariantCulture),
        };
        // A run records every parameter, most of which have their default.
        for (var p = 0; p < 30; p++) parameters[$"option_{p:00}"] = p % 3 == 0 ? "true" : (p * 0.25).ToString(CultureInfo.InvariantCulture);
        var tags = new Dictionary<string, string> { ["owner"] = One(Owners), ["purpose"] = One(Purposes), ["note"] = $"try {random.Next(100)}", ["machine"] = $"gpu{random.Next(8)}" };
        var checkpoint = new Checkpoint(Hash(run, "checkpoint"), StepsEach * 10, 40, Created(run).AddHours(1));
        return new RunRecord
        {
            Id = Id(run),
            Spec = new RunSpec
            {
                Experiment = $"experiment{run % 40:00}", Name = $"try {run}", Network = One(Networks), Corpus = One(Corpora), DataHash = Hash(run % 5, "data"),
                Parameters = parameters, Tags = tags, Seed = run, Threads = 2, CodeVersion = "0.1.0",
            },
            Status = status,
            CreatedAt = Created(run),
            StartedAt = Created(run).AddSeconds(5),
            EndedAt = Created(run).AddHours(1),
            Epoch = 1,
            Node = $"node{random.Next(4)}",
            Threads = 2,
            Metrics = Summaries(run),
            Checkpoints = [checkpoint],
            Attempts = [new RunAttempt(1, "node1", Created(run).AddSeconds(5), Created(run).AddHours(1), status.ToString(), null)],
            Outcome = status == RunStatus.Completed ? Outcome(run) : null,
            Tags = tags,
            Heartbeat = new WorkerHeartbeat(StepsEach * 10, 1, "evaluating", Created(run).AddHours(1), 1000 + run % 1000),
        };
    }

    // Falls (rises for accuracies) towards the run's own end, with noise; the same for the same arguments.
    private static double Value(int run, int metric, int step)
    {
        var noise = ((uint)HashCode(run, metric, step) % 10_000) / 10_000.0;
        var end = ((uint)HashCode(run, metric, -1) % 10_000) / 20_000.0;
        var falling = end + Math.Exp(-step / 30.0) + 0.05 * noise;
        return metric switch { 2 or 3 => 1 - Math.Min(1, falling), 6 => 0.001 * Math.Exp(-step / 50.0), 7 => 60 + 5 * noise, _ => falling };
    }

    // .NET's own hash codes differ from process to process.
    private static int HashCode(int a, int b, int c)
    {
        var hash = unchecked((uint)(a * 73_856_093) ^ (uint)(b * 19_349_663) ^ (uint)(c * 83_492_791));
        hash = unchecked((hash ^ (hash >> 15)) * 2_246_822_519u);
        return unchecked((int)(hash ^ (hash >> 13)));
    }

    private static Dictionary<string, MetricSummary> Summaries(int run)
    {
        var summaries = new Dictionary<string, MetricSummary>();
        for (var metric = 0; metric < Metrics.Length; metric++)
        {
            double low = double.PositiveInfinity, high = double.NegativeInfinity;
            for (var step = 0; step < StepsEach; step++) (low, high) = (Math.Min(low, Value(run, metric, step)), Math.Max(high, Value(run, metric, step)));
            summaries[Metrics[metric]] = new MetricSummary(Value(run, metric, StepsEach - 1), (StepsEach - 1) * 10, low, high);
        }
        return summaries;
    }

    private static RunOutcome Outcome(int run) => new()
    {
        ModelArtifact = Hash(run, "model") + ".dir",
        EvaluationArtifact = Hash(run, "evaluation"),
        Figures = new[] { "word_accuracy", "word_accuracy.seen", "word_accuracy.unseen", "wer", "cer", "wer.seen", "cer.seen" }
            .ToDictionary(name => name, _ => new Estimate(Value(run, 3, StepsEach), 0.1, 0.9, 480)),
        OnnxMaxAbsDifference = 1e-6,
        Artifacts = new() { ["confusions.json"] = Hash(run, "confusions"), ["report.json"] = Hash(run, "report"), ["worst.json"] = Hash(run, "worst") },
    };

    private static DateTimeOffset Created(int run) => Start.AddMinutes(41 * run);

    private static string Hash(int run, string what) => Artifacts.ArtifactHash.Of(System.Text.Encoding.UTF8.GetBytes($"{what} {run}"));
}
