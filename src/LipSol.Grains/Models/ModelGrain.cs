using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Models.Audit;
using LipSol.Grains.Models.Gate;
using LipSol.Grains.Models.Warming;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Models;

/// <summary>A model's versions and pointers. One decision at a time; reading the record doesn't wait for one, and shows what is written down, never what is about to be.</summary>
[GrainType("model")]
internal sealed partial class ModelGrain(
    [PersistentState("model")] IPersistentState<ModelState> state,
    PromotionGate gate,
    VersionWarming warming,
    ClusterNodes nodes,
    GrainsOptions options,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    ILogger<ModelGrain> logger) : Grain, IModelGrain
{
    private const int WayBack = 20, LongestKey = 200;
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private Written _written = null!;

    private string Name => this.GetPrimaryKeyString();
    private ModelState State => state.State;
    private int? Production => State.Aliases.TryGetValue(ModelNames.Production, out int version) ? version : null;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _written = Written.Of(Name, State);
        return Task.CompletedTask;
    }

    public async Task<ModelVersion> RegisterAsync(string runId)
    {
        ModelNames.Check(Name, "a model");
        ModelVersion? version = State.Versions.Find(v => v.RunId == runId && v.Origin is null && !State.Deleted.Contains(v.Version));
        if (version is null)
        {
            RunRecord run = await GrainFactory.GetGrain<IRunGrain>(runId).GetAsync() ?? throw new RefusedException($"There's no run {runId}.");
            if (run.DeletedAt is not null) throw new RefusedException($"Run {runId} is deleted. Restore it first: `lipsol runs restore {runId}`.");
            if (run is not { Status: RunStatus.Completed, Outcome: { } outcome })
                throw new RefusedException($"Run {runId} is {run.Status}, only a completed run leaves a model.");
            version = await AddAsync(new ModelVersion
            {
                Model = Name,
                Version = State.Versions.Count + 1,
                RunId = runId,
                DataHash = run.Spec.DataHash,
                Outcome = outcome,
                CreatedAt = time.GetUtcNow(),
            });
        }
        await GrainFactory.GetGrain<IModelVersionGrain>(ModelVersionKey.Of(Name, version.Version)).CreateAsync(version);
        return version;
    }

    public async Task<ModelVersion> ImportAsync(ModelImport import)
    {
        ModelNames.Check(Name, "a model");
        ModelVersion version = State.Versions.Find(v => v.Outcome.ModelArtifact == import.Outcome.ModelArtifact && !State.Deleted.Contains(v.Version))
            ?? await AddAsync(new ModelVersion
            {
                Model = Name,
                Version = State.Versions.Count + 1,
                RunId = import.RunId,
                DataHash = import.DataHash,
                Outcome = import.Outcome,
                CreatedAt = time.GetUtcNow(),
                Origin = import.Origin,
            });
        await GrainFactory.GetGrain<IModelVersionGrain>(ModelVersionKey.Of(Name, version.Version)).CreateAsync(version);
        return version;
    }

    public Task<ModelRecord?> GetAsync() => Task.FromResult(_written.Record);

    public Task<ModelRoute?> GetRouteAsync() => Task.FromResult(_written.Route);

    public async Task<PromotionDecision> PromoteAsync(PromotionRequest request)
    {
        if (request.Key.Length > LongestKey) throw new RefusedException($"The key has {request.Key.Length} characters: give one of at most {LongestKey}.");
        if (await AuditTrail.FindAsync(GrainFactory, Name, _written.Pages, _written.Latest, request.Key) is { } settled)
        {
            if (settled.Version != request.Version) throw new RefusedException($"The key '{request.Key}' is that of the promotion of version {settled.Version}. Give version {request.Version} a key of its own.");
            // Whoever asks again may do so since the answer got lost with a node; a node may have missed the news with it.
            if (settled.Promoted && Production == settled.Version) await PublishAsync();
            return settled;
        }

        ModelVersion candidate = Version(request.Version);
        ModelVersion? production = Production is { } current ? Version(current) : null;
        if (production?.Version == request.Version) return await StayAsync(request, candidate);

        PromotionDecision decision = Asked(await gate.JudgeAsync(candidate, production, request.Policy, CancellationToken.None), request);
        if (decision.Promoted) decision = await WarmAsync(decision, candidate);
        return await DecideAsync(decision, candidate, () => PutIntoProduction(candidate, production is null ? State.Before : [.. State.Before.TakeLast(WayBack - 1), production.Version]));
    }

    // Nothing is to be done, and what is asked for without a key leaves no trace; a key is taken all the same, so that it promotes nothing later.
    private async Task<PromotionDecision> StayAsync(PromotionRequest request, ModelVersion version)
    {
        PromotionDecision decision = Asked(new PromotionDecision { Model = Name, Version = version.Version, Promoted = true, Reason = $"Version {version.Version} is in production already.", Policy = request.Policy, PreviousVersion = version.Version, Time = time.GetUtcNow() }, request);
        if (request.Key.Length > 0) return await DecideAsync(decision, version, () => { });
        await PublishAsync();
        return decision;
    }

    private static PromotionDecision Asked(PromotionDecision decision, PromotionRequest request) => decision with { Kind = DecisionKind.Promotion, By = request.By, Key = request.Key, Note = request.Note };

    public async Task<PromotionDecision> RollbackAsync(string reason, string by = "")
    {
        string because = string.IsNullOrWhiteSpace(reason) ? "." : $": {reason}";
        if (Production is not { } current) throw new RefusedException($"There's nothing to go back to: no version of {Name} was in production before.");
        if (State.Trial is { } trial)
            return await EndTrialAsync(DecisionKind.Rollback, $"The {Noun(trial)} of version {trial.Version} is ended, version {current} stays in production{because}", by);
        if (State.Before.Count == 0) throw new RefusedException($"There's nothing to go back to: no version of {Name} was in production before.");

        ModelVersion before = Version(State.Before[^1]);
        PromotionDecision decision = await WarmAsync(new PromotionDecision
        {
            Model = Name,
            Version = before.Version,
            Promoted = true,
            Reason = $"Rolled back from version {current}{because}",
            PreviousVersion = current,
            By = by,
            Kind = DecisionKind.Rollback,
        }, before);
        return await DecideAsync(decision, before, () => PutIntoProduction(before, [.. State.Before.SkipLast(1)]));
    }

    public async Task SetAliasAsync(string alias, int version, string by = "")
    {
        ModelNames.Check(alias, "an alias");
        if (alias == ModelNames.Production) throw new RefusedException("The alias 'production' is moved by a promotion or a rollback: promote the version instead.");
        int? before = State.Aliases.TryGetValue(alias, out int previous) ? previous : null;
        await RecordAsync(DecisionKind.Alias, Version(version).Version, $"Alias {alias} points at version {version}{(before is { } was ? $"; it pointed at {was}" : "")}.", by);
        State.Aliases = With(State.Aliases, alias, version);
        await WriteAsync();
    }

    public async Task MarkAsync(int version, string mark)
    {
        if (string.IsNullOrWhiteSpace(mark)) throw new RefusedException("Say what has to be known of the version.");
        List<string> marks = State.Marks.GetValueOrDefault(Version(version).Version) ?? [];
        if (marks.Contains(mark)) return;
        State.Marks = new Dictionary<int, List<string>>(State.Marks) { [version] = [.. marks, mark] };
        await WriteAsync();
        await PublishAsync();
    }

    public async Task KeepObjectAsync(int version, string hash)
    {
        List<string> objects = State.Objects.GetValueOrDefault(Version(version).Version) ?? [];
        if (objects.Contains(hash)) return;
        State.Objects = new Dictionary<int, List<string>>(State.Objects) { [version] = [.. objects, hash] };
        await WriteAsync();
    }

    public async Task DeleteAsync(int version, string by = "")
    {
        bool all = version == 0;
        List<int> deleted = all ? [.. State.Versions.Select(v => v.Version).Except(State.Deleted)] : [Version(version).Version];
        if (deleted.Count == 0) throw new RefusedException($"There's no model {Name}.");
        if (!all && Production == version) throw new RefusedException($"Version {version} is in production. Promote another one, or roll back, first.");
        if (!all && State.Trial?.Version == version) throw new RefusedException($"Version {version} is on trial. End that first: `lipsol models canary {Name} --stop`.");
        await RecordAsync(DecisionKind.Deletion, version, all ? "The model is deleted." : $"Version {version} is deleted.", by);
        State.Deleted = [.. State.Deleted, .. deleted];
        State.Aliases = State.Aliases.Where(a => !deleted.Contains(a.Value)).ToDictionary(a => a.Key, a => a.Value);
        State.Before = [.. State.Before.Where(v => !deleted.Contains(v))];
        if (all) State.Trial = null;
        await WriteAsync();
        await PublishAsync();
    }

    private async Task<ModelVersion> AddAsync(ModelVersion version)
    {
        await GrainFactory.GetGrain<IModelRegistryGrain>(0).AddAsync(Name);
        State.Versions = [.. State.Versions, version];
        State.Aliases = With(State.Aliases, ModelNames.Candidate, version.Version);
        await WriteAsync();
        return version;
    }

    private void PutIntoProduction(ModelVersion version, List<int> before)
    {
        State.Aliases = With(State.Aliases, ModelNames.Production, version.Version);
        State.Before = before;
        // What it was compared with is no longer what answers.
        State.Trial = null;
    }

    // Every node has the version in memory before anyone is sent to it; where one can't load it, the decision is against it.
    private async Task<PromotionDecision> WarmAsync(PromotionDecision decision, ModelVersion version)
    {
        Warmed warmed = await warming.WarmAsync(version);
        return decision with
        {
            Nodes = warmed.Nodes,
            Promoted = decision.Promoted && warmed.Failure is null,
            Reason = warmed.Failure ?? (warmed.Note is { } note ? $"{decision.Reason} {note}" : decision.Reason),
        };
    }

    // Writes a decision down with what it changes, then tells the nodes. Where it can't be written, nothing has changed.
    private async Task<PromotionDecision> DecideAsync(PromotionDecision decision, ModelVersion version, Action change)
    {
        decision = decision with { Time = time.GetUtcNow(), Trial = decision.Trial ?? State.Trial, Traffic = State.Trial is null ? null : (await GatherTrafficAsync(_written.Route!)).Figures };
        try
        {
            await AuditTrail.TurnPageAsync(GrainFactory, Name, State);
            State.Decisions = [.. State.Decisions, decision];
            if (decision.Promoted) change();
            await WriteAsync();
        }
        catch
        {
            warming.Release(version);
            throw;
        }
        if (decision.Promoted) await PublishAsync();
        return decision;
    }

    // An entry that asks for no decision. To be called before anything of the state is changed, and written by the caller.
    private async Task RecordAsync(DecisionKind kind, int version, string what, string by)
    {
        await AuditTrail.TurnPageAsync(GrainFactory, Name, State);
        State.Decisions = [.. State.Decisions, new PromotionDecision { Model = Name, Version = version, Promoted = true, Reason = what, Time = time.GetUtcNow(), By = by, Kind = kind }];
    }

    // A node that can't be told now asks by itself a few seconds later.
    private async Task PublishAsync()
    {
        ModelRoute route = _written.Route!;
        await Task.WhenAll(nodes.Active.Select(TellAsync));

        async Task TellAsync(string node)
        {
            long begun = TimeProvider.System.GetTimestamp();
            while (nodes.Active.Contains(node))
            {
                TimeSpan left = options.RoutePatience - TimeProvider.System.GetElapsedTime(begun);
                try
                {
                    await ServingNodeGrain.Of(GrainFactory, node).RouteAsync(route).WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                    return;
                }
                catch (Exception e) when (ClusterErrors.IsPassing(e) && left > Again)
                {
                    // Another node's death may have taken along what told where this one's grain is.
                    await Task.Delay(Again);
                }
                catch (Exception e)
                {
                    logger.LogInformation("Node {Node} couldn't be told where requests for {Model} go now; it asks by itself. {Reason}", node, Name, e.Message);
                    return;
                }
            }
        }
    }

    private ModelVersion Version(int version) => version >= 1 && version <= State.Versions.Count && !State.Deleted.Contains(version)
        ? State.Versions[version - 1]
        : throw new RefusedException(State.Versions.Count == State.Deleted.Count ? $"There's no model {Name}."
            : State.Deleted.Contains(version) ? $"Version {version} of {Name} was deleted." : $"{Name} has no version {version}: it has 1 to {State.Versions.Count}.");

    private static Dictionary<string, int> With(Dictionary<string, int> aliases, string alias, int version) => new(aliases) { [alias] = version };

    private async Task WriteAsync()
    {
        State.Revision++;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What was written is read anew; until then readers see what was written before.
            DeactivateOnIdle();
            throw;
        }
        _written = Written.Of(Name, State);
    }

    /// <summary>What is known to be written down.</summary>
    private sealed record Written(ModelRecord? Record, ModelRoute? Route, int Pages, List<PromotionDecision> Latest)
    {
        public static Written Of(string name, ModelState state) => new(RecordOf(name, state), RouteOf(name, state), state.Pages, state.Decisions);

        private static ModelRecord? RecordOf(string name, ModelState state) => state.Versions.Count == state.Deleted.Count ? null
            : new ModelRecord(name, [.. state.Versions.Where(v => !state.Deleted.Contains(v.Version))], state.Aliases, [.. state.Decisions.Where(d => d.Kind is DecisionKind.Promotion or DecisionKind.Rollback).TakeLast(AuditTrail.PageSize)])
            {
                Trial = state.Trial,
                Marks = state.Marks,
                Objects = state.Objects,
            };

        // Also of a model that was deleted: the nodes hear of it by this.
        private static ModelRoute? RouteOf(string name, ModelState state) => state.Versions.Count == 0 ? null : new ModelRoute
        {
            Model = name,
            Revision = state.Revision,
            Production = state.Aliases.TryGetValue(ModelNames.Production, out int version) ? new RoutedVersion(version, state.Versions[version - 1].Outcome.ModelArtifact) : null,
            Trial = state.Trial,
            Versions = state.Versions.Count,
            Deleted = state.Deleted,
            Marks = state.Marks,
        };
    }
}
