using LipSol.Grains.Nodes;

namespace LipSol.Grains.Serving.Routing;

/// <summary>What this node knows of the others from the requests it sent there.</summary>
internal sealed class NodeLoads(ClusterNodes nodes, GrainsOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _suspect = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, string Version), long> _cold = [];

    /// <summary>The node to ask next, or null where all were.</summary>
    public string? Choose(string version, IReadOnlyCollection<string> asked)
    {
        List<string> left = nodes.Active;
        left.RemoveAll(asked.Contains);
        lock (_lock)
            return ReplicaChoice.Choose(left, n => new NodeLoad(_underWay.GetValueOrDefault(n), IsRecent(_suspect, n), IsRecent(_cold, (n, version))), nodes.Local);
    }

    /// <summary>A request is under way there until this is disposed.</summary>
    public Sent Send(string node)
    {
        lock (_lock) _underWay[node] = _underWay.GetValueOrDefault(node) + 1;
        return new Sent(this, node);
    }

    /// <summary>The node didn't answer: it's asked last for a while.</summary>
    public void Suspect(string node)
    {
        lock (_lock) _suspect[node] = time.GetTimestamp();
    }

    /// <summary>The node hadn't loaded the version: it's asked last for a while.</summary>
    public void Cold(string node, string version)
    {
        lock (_lock) _cold[(node, version)] = time.GetTimestamp();
    }

    /// <summary>The node answered.</summary>
    public void Answered(string node, string version)
    {
        lock (_lock)
        {
            _suspect.Remove(node);
            _cold.Remove((node, version));
        }
    }

    private bool IsRecent<T>(Dictionary<T, long> times, T key) where T : notnull
    {
        if (!times.TryGetValue(key, out long then)) return false;
        if (time.GetElapsedTime(then) < options.ReplicaPause) return true;
        times.Remove(key);
        return false;
    }

    /// <summary>One request under way.</summary>
    public readonly struct Sent(NodeLoads loads, string node) : IDisposable
    {
        public void Dispose()
        {
            lock (loads._lock)
                if (--loads._underWay[node] == 0) loads._underWay.Remove(node);
        }
    }
}
