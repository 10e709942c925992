using LipSol.Contracts.Serving;
using LipSol.Grains.Ports;
using LipSol.Grains.Serving.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Serving.Versions;

/// <summary>
/// Which model folders this node has in memory, and why: because a route names them, because a promotion asked for them, or because someone reads with that version, measures it or looks into it. What has none of these reasons is let go,
/// once nobody used it for a while: other nodes may hear of a promotion some seconds later.
/// </summary>
internal sealed class NodeVersions(IModelRuntime runtime, HeldModels held, ServingBoard board, GrainsOptions options, [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time, ILogger<NodeVersions> logger)
{
    /// <summary>Whether reads with it wait for nothing.</summary>
    public bool IsWarm(string artifact) => runtime.IsLoaded(artifact);

    /// <summary>Loads it for a promotion, which may take as long as <see cref="GrainsOptions.WarmPatience"/> on other nodes.</summary>
    public async Task WarmAsync(string artifact)
    {
        held.Of(artifact).Keep(time.GetUtcNow() + 2 * options.WarmPatience);
        await runtime.LoadAsync(artifact, CancellationToken.None);
        held.Of(artifact).Touch(time.GetUtcNow());
    }

    /// <summary>What it was loaded for came about (a route names it now) or didn't.</summary>
    public void Release(string artifact) => held.Of(artifact).Keep(default);

    /// <summary>A read with it is under way until this is disposed.</summary>
    public IDisposable Use(string artifact) => held.Use(artifact);

    /// <summary>A caller named it, who may come again: it stays for <see cref="GrainsOptions.PinnedVersionKept"/>. What has to make room for it is let go at once, before it's loaded.</summary>
    /// <exception cref="OverloadedException">So many versions that callers named are being read with that there's no room.</exception>
    public async Task PinAsync(string artifact)
    {
        foreach (string other in held.Pin(artifact, board.Wanted())) await LetGoAsync(other, TimeSpan.Zero);
    }

    /// <summary>Loads it in the background, unless it's loaded, loading, or failed to a short while ago.</summary>
    public void BeginLoading(string artifact)
    {
        if (runtime.IsLoaded(artifact)) return;
        Held one = held.Of(artifact);
        if (!one.MayLoad(time.GetUtcNow())) return;
        _ = Task.Run(() => LoadAsync(artifact, one));
    }

    /// <summary>Loads what routes name and lets go of what has no reason to be here.</summary>
    public async Task SettleAsync()
    {
        HashSet<string> wanted = board.Wanted();
        foreach (string artifact in wanted)
        {
            // It stays for a while after the last route that named it, whether or not anyone read with it.
            held.Of(artifact).Touch(time.GetUtcNow());
            BeginLoading(artifact);
        }
        foreach (string artifact in held.Artifacts)
            if (!wanted.Contains(artifact)) await LetGoAsync(artifact, options.UnloadDelay);
    }

    private async Task LetGoAsync(string artifact, TimeSpan delay)
    {
        if (!held.TryForget(artifact, delay) || !runtime.IsLoaded(artifact)) return;
        await runtime.UnloadAsync(artifact);
        logger.LogInformation("Model {Artifact} is let go: no version in production or on trial is made of it, and nobody reads with it.", artifact);
    }

    private async Task LoadAsync(string artifact, Held one)
    {
        try
        {
            await runtime.LoadAsync(artifact, CancellationToken.None);
            one.Loaded(time.GetUtcNow());
        }
        catch (Exception e)
        {
            TimeSpan wait = one.Failed(time.GetUtcNow());
            logger.LogWarning("Model {Artifact}, which is served elsewhere, can't be loaded on this node, so it gets no requests for it: {Reason} It's tried again in {Seconds:0} s.", artifact, e.Message, wait.TotalSeconds);
        }
    }
}
