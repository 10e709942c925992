using LipSol.Contracts.Runs;

namespace LipSol.Storage.Metrics;

/// <summary>A run's row while its transaction holds the lock.</summary>
internal sealed class LockedRun
{
    public required long Key { get; init; }

    /// <summary>False until an epoch has begun.</summary>
    public required bool Exists { get; set; }
    public long Epoch { get; set; }
    public bool Open { get; set; }
    public long Cursor { get; set; }

    /// <summary>Those of the group's batches that are there already.</summary>
    public HashSet<(long Epoch, long Batch)> Batches { get; } = [];

    /// <summary>The highest step of each metric. Whoever adds points raises it under the run's lock, so no point lies beyond it.</summary>
    public Dictionary<int, long> LastSteps { get; } = [];
}

/// <summary>A point's row.</summary>
internal readonly record struct PointRow(long RunKey, int NameKey, long Step, long Epoch, long Cursor, double Value, long Time);

/// <summary>What a group of writes changes, all at once.</summary>
internal sealed class MetricChanges(Dictionary<string, int> names)
{
    private readonly Dictionary<(long, int, long), int> _replacing = [];

    public HashSet<LockedRun> Changed { get; } = [];
    public List<(LockedRun Run, long Epoch, long Batch, long Cursor)> Batches { get; } = [];

    /// <summary>Points that can't be there yet.</summary>
    public List<PointRow> Fresh { get; } = [];

    /// <summary>Points that may take another's place, each (run, name, step) once.</summary>
    public List<PointRow> Replacing { get; } = [];

    /// <summary>The metrics whose last step has moved.</summary>
    public HashSet<(LockedRun Run, int NameKey)> Moved { get; } = [];

    /// <summary>The points in brief, by metric.</summary>
    public Dictionary<(long RunKey, int NameKey), GatheredRollups> Rollups { get; } = [];

    public bool Any => Changed.Count > 0;

    public void Add(LockedRun run, long epoch, MetricPoint point)
    {
        int name = names[point.Name];
        var row = new PointRow(run.Key, name, point.Step, epoch, run.Cursor, point.Value, point.Time.UtcTicks);
        if (!Rollups.TryGetValue((run.Key, name), out GatheredRollups? gathered)) Rollups.Add((run.Key, name), gathered = new GatheredRollups());
        gathered.Add(point.Step, point.Value);
        if (!run.LastSteps.TryGetValue(name, out long last) || point.Step > last)
        {
            run.LastSteps[name] = point.Step;
            Moved.Add((run, name));
            Fresh.Add(row);
            return;
        }
        gathered.Anew = true;
        if (_replacing.TryGetValue((row.RunKey, name, row.Step), out int before))
        {
            Replacing[before] = row;
        }
        else
        {
            _replacing.Add((row.RunKey, name, row.Step), Replacing.Count);
            Replacing.Add(row);
        }
    }
}
