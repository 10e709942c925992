namespace LipSol.Silo.Streaming;

/// <summary>What a stream cost.</summary>
internal sealed class StreamFigures
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (double Sum, long Count)> stages = [];

    /// <summary>Frames that came faster than could be cropped.</summary>
    public long Dropped { get; set; }

    /// <summary>Pictures that couldn't be used.</summary>
    public long Refused { get; set; }

    /// <summary>Windows that were read.</summary>
    public long Windows { get; set; }

    /// <summary>Adds a time of a stage.</summary>
    public void Add(string stage, double milliseconds)
    {
        lock (gate)
        {
            var (sum, count) = stages.GetValueOrDefault(stage);
            stages[stage] = (sum + milliseconds, count + 1);
        }
    }

    /// <summary>Mean milliseconds by stage.</summary>
    public Dictionary<string, double> Milliseconds()
    {
        lock (gate) return stages.ToDictionary(s => s.Key, s => Math.Round(s.Value.Sum / s.Value.Count, 2));
    }
}
