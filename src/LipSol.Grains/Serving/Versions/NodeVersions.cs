using System.Collections.Concurrent;
using LipSol.Grains.Ports;
using LipSol.Grains.Serving.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Serving.Versions;

/// <summary>
/// Which model folders this node has in memory, and why: because a route names them, because a promotion asked for them, or because someone reads with that version. What has none of these reasons is let go,
/// once nobody used it for a while: other nodes may hear of a promotion some seconds later.
/// </summary>
internal sealed class NodeVersions(IModelRuntime runtime, ServingBoard board, GrainsOptions options, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time, ILogger<NodeVersions> logger)
{
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>Whether reads with it wait for nothing.</summary>
    public bool IsWarm(string artifact) => runtime.IsLoaded(artifact);

    /// <summary>Loads it for a promotion, which may take as long as <see cref="GrainsOptions.WarmPatience"/> on other nodes.</summary>
    public async Task WarmAsync(string artifact)
    {
        Of(artifact).Keep(time.GetUtcNow() + 2 * options.WarmPatience);
        await runtime.LoadAsync(artifact, CancellationToken.None);
        Of(artifact).Touch(time.GetUtcNow());
    }

    /// <summary>What it was loaded for came about (a route names it now) or didn't.</summary>
    public void Release(string artifact) => Of(artifact).Keep(default);

    /// <summary>A read with it is under way until this is disposed.</summary>
    public IDisposable Use(string artifact, bool pinned)
    {
        Held held = Of(artifact);
        DateTimeOffset now = time.GetUtcNow();
        held.Begin(now, pinned ? now + options.PinnedVersionKept : default);
        return new Using(held, time);
    }

    /// <summary>Loads it in the background, unless it's loaded, loading, or failed to a short while ago.</summary>
    public void BeginLoading(string artifact)
    {
        if (runtime.IsLoaded(artifact)) return;
        Held held = Of(artifact);
        if (!held.MayLoad(time.GetUtcNow())) return;
        _ = Task.Run(() => LoadAsync(artifact, held));
    }

    /// <summary>Loads what routes name and lets go of what has no reason to be here.</summary>
    public async Task SettleAsync()
    {
        HashSet<string> wanted = board.Wanted();
        foreach (string artifact in wanted)
        {
            // It stays for a while after the last route that named it, whether or not anyone read with it.
            Of(artifact).Touch(time.GetUtcNow());
            BeginLoading(artifact);
        }
        foreach ((string artifact, Held held) in _held)
        {
            if (wanted.Contains(artifact) || !held.IsIdle(time.GetUtcNow(), options.UnloadDelay)) continue;
            _held.TryRemove(artifact, out _);
            if (!runtime.IsLoaded(artifact)) continue;
            await runtime.UnloadAsync(artifact);
            logger.LogInformation("Model {Artifact} is let go: no version in production or on trial is made of it, and nobody reads with it.", artifact);
        }
    }

    private async Task LoadAsync(string artifact, Held held)
    {
        try
        {
            await runtime.LoadAsync(artifact, CancellationToken.None);
            held.Loaded(time.GetUtcNow());
        }
        catch (Exception e)
        {
            TimeSpan wait = held.Failed(time.GetUtcNow());
            logger.LogWarning("Model {Artifact}, which is served elsewhere, can't be loaded on this node, so it gets no requests for it: {Reason} It's tried again in {Seconds:0} s.", artifact, e.Message, wait.TotalSeconds);
        }
    }

    private Held Of(string artifact) => _held.GetOrAdd(artifact, _ => new Held(time.GetUtcNow()));

    private sealed class Using(Held held, TimeProvider time) : IDisposable
    {
        public void Dispose() => held.End(time.GetUtcNow());
    }
}
