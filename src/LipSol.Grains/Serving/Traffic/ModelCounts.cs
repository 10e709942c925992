using LipSol.Contracts.Models;
using LipSol.Contracts.Serving;

namespace LipSol.Grains.Serving.Traffic;

/// <summary>What this node counts of one model from one change of its route to the next.</summary>
internal sealed class ModelCounts(ModelRoute route, DateTimeOffset since)
{
    /// <summary>Disagreements kept; the latest.</summary>
    public const int DisagreementsKept = 50;

    private readonly Lock _lock = new();
    private readonly Side? _production = route.Production is { } p ? new Side(p.Version) : null;
    private readonly Side? _candidate = route.Trial is { } t ? new Side(t.Version) : null;
    private readonly Queue<Disagreement> _disagreements = new();
    private long _compared, _agreed, _dropped;

    /// <summary>Of the route that it began with.</summary>
    public long Revision => route.Revision;

    /// <summary>Whether it's still these versions that a route names.</summary>
    public bool Is(ModelRoute other) => other.Production?.Version == route.Production?.Version && other.Trial?.Id == route.Trial?.Id;

    /// <summary>A version answered a request.</summary>
    public void Answered(Reading reading, double milliseconds) => Count(reading, milliseconds, answered: true);

    /// <summary>A version failed on a request.</summary>
    public void Failed(int version)
    {
        lock (_lock)
            if (Of(version) is { } side) side.Errors++;
    }

    /// <summary>The second version wasn't given a request.</summary>
    public void Dropped()
    {
        lock (_lock) _dropped++;
    }

    /// <summary>The second version read what the first one answered.</summary>
    public void Compared(Reading answer, Reading second, double milliseconds, DateTimeOffset time)
    {
        Count(second, milliseconds, answered: false);
        lock (_lock)
        {
            _compared++;
            if (answer.Text == second.Text)
            {
                _agreed++;
                return;
            }
            (Reading ours, Reading theirs) = answer.Version == _production?.Version ? (answer, second) : (second, answer);
            if (_disagreements.Count == DisagreementsKept) _disagreements.Dequeue();
            _disagreements.Enqueue(new Disagreement { Time = time, Production = ours.Text, ProductionConfidence = ours.Confidence, Candidate = theirs.Text, CandidateConfidence = theirs.Confidence });
        }
    }

    /// <summary>All of it, for adding up.</summary>
    public NodeTraffic Snapshot()
    {
        lock (_lock)
        {
            return new NodeTraffic
            {
                Since = since,
                Trial = route.Trial?.Id,
                Production = _production?.Snapshot(),
                Candidate = _candidate?.Snapshot(),
                Compared = _compared,
                Agreed = _agreed,
                Dropped = _dropped,
                Disagreements = [.. _disagreements],
            };
        }
    }

    private void Count(Reading reading, double milliseconds, bool answered)
    {
        lock (_lock)
        {
            if (Of(reading.Version) is not { } side) return;
            if (answered) side.Answered++;
            else side.Shadowed++;
            side.Confidence += reading.Confidence;
            int bucket = LatencyBuckets.Of(milliseconds);
            side.Latencies[bucket] = side.Latencies.GetValueOrDefault(bucket) + 1;
        }
    }

    private Side? Of(int version) => _production?.Version == version ? _production : _candidate?.Version == version ? _candidate : null;

    private sealed class Side(int version)
    {
        public int Version => version;
        public long Answered, Shadowed, Errors;
        public double Confidence;
        public readonly Dictionary<int, long> Latencies = [];

        public VersionCounts Snapshot() => new() { Version = version, Answered = Answered, Shadowed = Shadowed, Errors = Errors, Confidence = Confidence, Latencies = new(Latencies) };
    }
}
