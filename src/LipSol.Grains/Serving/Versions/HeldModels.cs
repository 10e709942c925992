using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Grains.Serving.Versions;

/// <summary>Why each model folder is in this node's memory. Loads and unloads nothing: <see cref="NodeVersions"/> does, by what is said here.</summary>
internal sealed class HeldModels([FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time) : IModelUses
{
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>The model folders that there is, or was, a reason for.</summary>
    public IEnumerable<string> Artifacts => _held.Keys;

    /// <summary>What is known of a model folder.</summary>
    public Held Of(string artifact) => _held.GetOrAdd(artifact, _ => new Held(time.GetUtcNow()));

    public IDisposable Use(string modelArtifact) => Use(modelArtifact, pinnedUntil: default);

    /// <summary>As <see cref="Use(string)"/>, of a caller who named the version and may come again until <paramref name="pinnedUntil"/>.</summary>
    public IDisposable Use(string artifact, DateTimeOffset pinnedUntil)
    {
        while (true)
        {
            Held held = Of(artifact);
            if (held.TryBegin(time.GetUtcNow(), pinnedUntil)) return new Using(held, time);
            // It's being let go: what is loaded from now on has a record of its own.
            _held.TryRemove(new KeyValuePair<string, Held>(artifact, held));
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
