using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LipSol.Silo.Telemetry;

/// <summary>
/// What a node tells of its work: spans and metrics. Never of whom or what: no text that was read, no name of a file, no token nor its name, no query. What is told is chosen here and by few;
/// nothing is passed on from a request.
/// </summary>
internal static class Signals
{
    /// <summary>Of the activity source and the meter.</summary>
    public const string Name = "LipSol";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Stages = Meter.CreateHistogram("lipsol.stage.duration", "s", "Time that a stage of reading a clip took.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60] });

    private static readonly Histogram<int> Batches = Meter.CreateHistogram("lipsol.reading.batch.size", "{clip}", "Clips in the batch that a clip was read in; counted once a clip.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });

    private static readonly UpDownCounter<int> UnderWay = Meter.CreateUpDownCounter<int>("lipsol.reading.active", "{clip}", "Clips that wait for the network or are in it.");
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("lipsol.requests", "{request}", "Requests by endpoint, outcome and, of those refused, the reason that the answer gives.");

    /// <summary>A stage of reading a clip begins; it ends when the result is disposed.</summary>
    public static Stage Begin(string stage) => new(stage, Source.StartActivity(stage));

    /// <summary>A clip goes to the network; it's out when the result is disposed.</summary>
    public static Reading BeginReading() => new(Begin("read"));

    /// <summary>What became of a request.</summary>
    public static void Answered(string route, string outcome, string? reason)
    {
        var tags = new TagList { { "http.route", route }, { "outcome", outcome } };
        if (reason is not null) tags.Add("reason", reason);
        Requests.Add(1, tags);
    }

    /// <summary>A stage under way.</summary>
    internal readonly struct Stage(string name, Activity? activity) : IDisposable
    {
        private readonly long started = Stopwatch.GetTimestamp();

        public void Dispose()
        {
            activity?.Dispose();
            Stages.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new KeyValuePair<string, object?>("stage", name));
        }
    }

    /// <summary>A clip that waits for the network or is in it.</summary>
    internal readonly struct Reading : IDisposable
    {
        private readonly Stage stage;

        public Reading(Stage stage)
        {
            this.stage = stage;
            UnderWay.Add(1);
        }

        /// <summary>It was read: with how many others, and in which time of the network.</summary>
        public static void Done(int batchSize, double networkMilliseconds)
        {
            Batches.Record(batchSize);
            Stages.Record(networkMilliseconds / 1000, new KeyValuePair<string, object?>("stage", "network"));
            // The network works for many clips at once, on a thread of its own: each clip's trace gets its share of it told afterwards.
            var now = DateTimeOffset.UtcNow;
            using var batch = Source.StartActivity("batch", ActivityKind.Internal, parentContext: default, startTime: now - TimeSpan.FromMilliseconds(networkMilliseconds));
            batch?.SetTag("lipsol.batch.size", batchSize);
            batch?.SetEndTime(now.UtcDateTime);
        }

        public void Dispose()
        {
            UnderWay.Add(-1);
            stage.Dispose();
        }
    }
}
