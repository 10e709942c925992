using System.Collections.Concurrent;
using LipSol.Contracts.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Grains.Serving.Versions;

/// <summary>Why each model folder is in this node's memory. Loads and unloads nothing: <see cref="NodeVersions"/> does, by what is said here.</summary>
internal sealed class HeldModels(GrainsOptions options, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time) : IModelUses
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly Lock _pinning = new();
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>The model folders that there is, or was, a reason for.</summary>
    public IEnumerable<string> Artifacts => _held.Keys;

    /// <summary>What is known of a model folder.</summary>
    public Held Of(string artifact) => _held.GetOrAdd(artifact, _ => new Held(time.GetUtcNow()));

    public IDisposable Use(string modelArtifact)
    {
        while (true)
        {
            Held held = Of(modelArtifact);
            if (held.TryBegin(time.GetUtcNow())) return new Using(held, time);
            // It's being let go: what is loaded from now on has a record of its own.
            _held.TryRemove(new KeyValuePair<string, Held>(modelArtifact, held));
        }
    }

    /// <summary>A caller who may come again has named a model folder that is in use: it stays for a while. Of those that no route names, the node has <see cref="GrainsOptions.PinnedVersions"/> so.</summary>
    /// <param name="artifact">The model folder.</param>
    /// <param name="routed">What routes name.</param>
    /// <returns>The model folders that had to make room, those used longest ago; none of them is in use.</returns>
    /// <exception cref="OverloadedException">All of them are in use.</exception>
    public IReadOnlyList<string> Pin(string artifact, IReadOnlySet<string> routed)
    {
        lock (_pinning)
        {
            DateTimeOffset now = time.GetUtcNow();
            List<string> unpinned = [];
            if (!routed.Contains(artifact))
            {
                KeyValuePair<string, Held>[] others = [.. _held.Where(h => h.Key != artifact && !routed.Contains(h.Key) && h.Value.IsPinned(now)).OrderBy(h => h.Value.LastUsed)];
                int over = others.Length + 1 - options.PinnedVersions;
                foreach ((string other, Held held) in others)
                    if (unpinned.Count < over && held.TryUnpin()) unpinned.Add(other);
                if (unpinned.Count < over)
                    throw new OverloadedException($"This node has {options.PinnedVersions} versions at most that only callers name, and reads with all of them just now. Try again in a moment, or name no version.", Again);
            }
            Of(artifact).Pin(now + options.PinnedVersionKept);
            return unpinned;
        }
    }

    /// <summary>Forgets a model folder that nothing has needed for <paramref name="delay"/>; false where something has.</summary>
    public bool TryForget(string artifact, TimeSpan delay)
    {
        if (!_held.TryGetValue(artifact, out Held? held) || !held.TryEnd(time.GetUtcNow(), delay)) return false;
        _held.TryRemove(new KeyValuePair<string, Held>(artifact, held));
        return true;
    }

    private sealed class Using(Held held, TimeProvider time) : IDisposable
    {
        public void Dispose() => held.End(time.GetUtcNow());
    }
}
