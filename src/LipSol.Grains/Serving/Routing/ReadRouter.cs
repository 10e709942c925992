using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving.Traffic;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Serving.Routing;

/// <summary>
/// Sends requests from this node to replicas, by what this node knows. Reading changes nothing, so what fails because a node dies, leaves, hasn't loaded the version or has too much to do is repeated on another one,
/// within <see cref="GrainsOptions.ReadPatience"/>, and then told as a <see cref="TimeoutException"/>; what the input is to blame for is told at once.
/// </summary>
internal sealed class ReadRouter(NodeLoads loads, ServingBoard board, IGrainFactory grains, Shadows shadows, TrafficCounts traffic, GrainsOptions options, TimeProvider time, ILogger<ReadRouter> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Reads with the version named, or by the model's route: with production, or with the version on trial where the draw says so.</summary>
    public async Task<Reading> ReadAsync(string model, ReadRequest request, int? version, CancellationToken cancellationToken = default)
    {
        if (version is { } named)
        {
            if (board.Find(model) is { } known && known.Deleted.Contains(named)) throw new RefusedException($"Version {named} of {model} was deleted.");
            return await ReadVersionAsync(model, named, request with { Pinned = true }, cancellationToken);
        }
        ModelRoute route = board.Find(model) is { Production: not null } told ? told : await FindAsync(model);
        if (route.Trial is { Kind: TrialKind.Canary } trial && TrialDraw.Takes(trial, request))
        {
            long asked = time.GetTimestamp();
            if (await TryCandidateAsync(model, route, trial, request, cancellationToken) is { } answer) return answer;
            request = request with { Within = request.Within - time.GetElapsedTime(asked) };
        }

        int tried = 0;
        long begun = time.GetTimestamp();
        ModelCounts counts;
        Reading reading;
        try
        {
            // Asked for again at each try: a promotion may have come in between.
            reading = await ReadAsync(model, () => tried = (route = board.Find(model) ?? route).Production?.Version ?? throw NothingInProduction(model), request, cancellationToken);
            counts = traffic.Of(route);
        }
        catch (Exception e) when (!ReadFaults.IsTheCallers(e))
        {
            traffic.Of(route).Failed(tried);
            throw;
        }
        counts.Answered(reading, time.GetElapsedTime(begun).TotalMilliseconds);
        if (route.Trial is { Kind: TrialKind.Shadow } shadow) shadows.Begin(model, shadow.Version, request, reading, counts);
        return reading;
    }

    /// <summary>Reads with one version.</summary>
    public Task<Reading> ReadVersionAsync(string model, int version, ReadRequest request, CancellationToken cancellationToken = default) => ReadAsync(model, () => version, request, cancellationToken);

    // What the candidate can't do, production does: a canary fails nobody.
    private async Task<Reading?> TryCandidateAsync(string model, ModelRoute route, ModelTrial trial, ReadRequest request, CancellationToken cancellationToken)
    {
        ModelCounts counts = traffic.Of(route);
        long begun = time.GetTimestamp();
        try
        {
            Reading reading = await ReadVersionAsync(model, trial.Version, request, cancellationToken);
            counts.Answered(reading, time.GetElapsedTime(begun).TotalMilliseconds);
            shadows.Begin(model, route.Production!.Version, request, reading, counts);
            return reading;
        }
        catch (Exception e) when (e is not CallerGoneException)
        {
            // An input that the candidate can't read may be one that production can.
            if (!ReadFaults.IsTheCallers(e)) counts.Failed(trial.Version);
            logger.LogInformation("Version {Version} of {Model}, on trial, left a request to the one in production: {Reason}", trial.Version, model, e.Message);
            return null;
        }
    }

    private async Task<Reading> ReadAsync(string model, Func<int> target, ReadRequest request, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        TimeSpan pause = FirstPause;
        int version = target();
        var round = new Round();
        while (true)
        {
            if (target() is var now && now != version) (version, round) = (now, new Round());
            string key = ModelVersionKey.Of(model, version);
            if (loads.Choose(key, round.Asked) is not { } node)
            {
                if (round.Busy is { } busy) throw busy;
                // Nobody has it: then someone must load it, and this caller waits.
                if (round.BeginLoading()) continue;
                // Only what passes is waited for.
                if (round.Unexpected > 0) throw round.Last!;
                if (time.GetElapsedTime(begun) + pause > options.ReadPatience) throw OutOfPatience(key, round.Last);
                await WaitAsync(pause, request, begun, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                round = new Round { Last = round.Last };
                continue;
            }
            round.Asked.Add(node);
            try
            {
                return await ReadOnAsync(node, key, request with { WarmOnly = !round.MayLoad, Within = Left(request, begun) }, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw new CallerGoneException(cancellationToken);
            }
            catch (ColdReplicaException)
            {
                loads.Cold(node, key);
                round.ColdNodes.Add(node);
            }
            catch (Exception e) when (ReadFaults.IsBusy(e))
            {
                round.Busy = e;
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e))
            {
                loads.Suspect(node);
                round.Last = e;
                if (time.GetElapsedTime(begun) > options.ReadPatience) throw OutOfPatience(key, e);
            }
            catch (Exception e) when (!ReadFaults.IsTheCallers(e) && round.Unexpected++ == 0)
            {
                // It may be this node's own trouble (its disk, its copy of the model): one more is asked.
                round.Last = e;
                logger.LogWarning(e, "Node {Node} failed to read with {Version}.", node, key);
            }
        }
    }

    // What the caller allows beyond this is spent on nothing: where it would be too late after a pause, it is now.
    private async Task WaitAsync(TimeSpan pause, ReadRequest request, long begun, CancellationToken cancellationToken)
    {
        if (Left(request, begun) <= pause) throw TooLate();
        try
        {
            await Task.Delay(pause, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw new CallerGoneException(cancellationToken);
        }
    }

    private TimeSpan? Left(ReadRequest request, long begun) => request.Within - time.GetElapsedTime(begun) is not { } left ? null
        : left > TimeSpan.Zero ? left : throw TooLate();

    private static TooLateException TooLate() => new("The clip couldn't be read within the time that its caller allows. Allow more, or send it when there is less to do.");

    private async Task<Reading> ReadOnAsync(string node, string version, ReadRequest request, CancellationToken cancellationToken)
    {
        using NodeLoads.Sent sent = loads.Send(node);
        Reading reading = await grains.GetGrain<IReplicaGrain>(NodePlacement.Key(version, node)).ReadAsync(request, cancellationToken);
        loads.Answered(node, version);
        return reading;
    }

    // The node hasn't been told yet, or nothing was in production when it was.
    private async Task<ModelRoute> FindAsync(string model)
    {
        long begun = time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                ModelRoute route = await grains.GetGrain<IModelGrain>(model).GetRouteAsync() ?? throw new RefusedException($"There's no model {model}. Promote a run first, or name another model.");
                route = board.Apply(route);
                return route.Production is null ? throw NothingInProduction(model) : route;
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e))
            {
                if (time.GetElapsedTime(begun) + pause > options.ReadPatience) throw OutOfPatience(model, e);
                await Task.Delay(pause, time);
            }
        }
    }

    // One error, whatever the last node said: what passes for the router passes for its callers.
    private TimeoutException OutOfPatience(string what, Exception? last) =>
        new($"No node could read with {what} within {options.ReadPatience.TotalSeconds:0} s: the nodes that serve it are starting, stopping or cut off. Try again in a moment.", last);

    private static RefusedException NothingInProduction(string model) => new($"No version of {model} is in production. Promote one, or name a version.");

    /// <summary>Each node is asked once a round.</summary>
    private sealed class Round
    {
        public readonly HashSet<string> Asked = new(StringComparer.Ordinal);
        public readonly HashSet<string> ColdNodes = new(StringComparer.Ordinal);
        public Exception? Busy;
        public Exception? Last;
        public int Unexpected;
        public bool MayLoad { get; private set; }

        /// <summary>From now on the nodes that hadn't loaded the version are asked to. False where there are none, or they were.</summary>
        public bool BeginLoading()
        {
            if (MayLoad || ColdNodes.Count == 0) return false;
            MayLoad = true;
            Asked.ExceptWith(ColdNodes);
            return true;
        }
    }
}
