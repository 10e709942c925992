using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Models.Gate;
using LipSol.Grains.Nodes;
using LipSol.Grains.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Models;

/// <summary>A model's versions and pointers. One decision at a time; reading the record doesn't wait for one.</summary>
[GrainType("model")]
internal sealed class ModelGrain(
    [PersistentState("model")] IPersistentState<ModelState> state,
    PromotionGate gate,
    ClusterNodes nodes,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    ILogger<ModelGrain> logger) : Grain, IModelGrain
{
    private const int DecisionsKept = 200;
    private const int WayBack = 20;
    private const int PointTries = 3;

    private string Name => this.GetPrimaryKeyString();
    private ModelState State => state.State;
    private int? Production => State.Aliases.TryGetValue(ModelNames.Production, out int version) ? version : null;

    public async Task<ModelVersion> RegisterAsync(string runId)
    {
        ModelNames.Check(Name, "a model");
        ModelVersion? version = State.Versions.Find(v => v.RunId == runId && v.Origin is null);
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
        ModelVersion version = State.Versions.Find(v => v.Outcome.ModelArtifact == import.Outcome.ModelArtifact)
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

    public Task<ModelRecord?> GetAsync() =>
        Task.FromResult(State.Versions.Count == 0 ? null : new ModelRecord(Name, State.Versions, State.Aliases, State.Decisions));

    public async Task<PromotionDecision> PromoteAsync(int version, GatePolicy policy)
    {
        ModelVersion candidate = Version(version);
        ModelVersion? production = Production is { } current ? Version(current) : null;
        if (production?.Version == version)
            return new PromotionDecision { Model = Name, Version = version, Promoted = true, Reason = $"Version {version} is in production already.", Policy = policy, PreviousVersion = version, Time = time.GetUtcNow() };

        PromotionDecision decision = await gate.JudgeAsync(candidate, production, policy, CancellationToken.None) with { Time = time.GetUtcNow() };
        if (decision.Promoted && await WarmAsync(candidate) is { } failure) decision = decision with { Promoted = false, Reason = failure };
        await DecideAsync(decision, production is null ? State.Before : [.. State.Before.TakeLast(WayBack - 1), production.Version]);
        return decision;
    }

    public async Task<PromotionDecision> RollbackAsync(string reason)
    {
        if (Production is not { } current || State.Before.Count == 0) throw new RefusedException($"There's nothing to go back to: no version of {Name} was in production before.");
        ModelVersion before = Version(State.Before[^1]);
        var decision = new PromotionDecision
        {
            Model = Name,
            Version = before.Version,
            Promoted = true,
            Reason = string.IsNullOrWhiteSpace(reason) ? $"Rolled back from version {current}." : $"Rolled back from version {current}: {reason}",
            PreviousVersion = current,
            Time = time.GetUtcNow(),
        };
        if (await WarmAsync(before) is { } failure) decision = decision with { Promoted = false, Reason = failure };
        await DecideAsync(decision, [.. State.Before.SkipLast(1)]);
        return decision;
    }

    public Task SetAliasAsync(string alias, int version)
    {
        ModelNames.Check(alias, "an alias");
        if (alias == ModelNames.Production) throw new RefusedException("The alias 'production' is moved by a promotion or a rollback: promote the version instead.");
        State.Aliases = With(State.Aliases, alias, Version(version).Version);
        return WriteAsync();
    }

    private async Task<ModelVersion> AddAsync(ModelVersion version)
    {
        await GrainFactory.GetGrain<IModelRegistryGrain>(0).AddAsync(Name);
        State.Versions = [.. State.Versions, version];
        State.Aliases = With(State.Aliases, ModelNames.Candidate, version.Version);
        await WriteAsync();
        return version;
    }

    // Every node has the version in memory before anyone is sent to it. Null, or why not.
    private async Task<string?> WarmAsync(ModelVersion version)
    {
        List<string> serving = nodes.Active;
        string?[] failures = await Task.WhenAll(serving.Select(WarmOnAsync));
        return serving.Count == 0 ? "No node is up to serve it." : failures.FirstOrDefault(f => f is not null);

        async Task<string?> WarmOnAsync(string node)
        {
            try
            {
                await Replica(version.Version, node).WarmAsync(version.Outcome.ModelArtifact);
                return null;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Version {Version} of {Model} couldn't be loaded on node {Node}.", version.Version, Name, node);
                return $"Node {node} couldn't load version {version.Version}: {e.Message}";
            }
        }
    }

    private async Task DecideAsync(PromotionDecision decision, List<int> before)
    {
        int? production = Production;
        State.Decisions = [.. State.Decisions.TakeLast(DecisionsKept - 1), decision];
        if (decision.Promoted)
        {
            State.Aliases = With(State.Aliases, ModelNames.Production, decision.Version);
            State.Before = before;
        }
        await WriteAsync();
        if (!decision.Promoted) return;
        await PointAsync(decision.Version);
        if (production is { } old)
            foreach (string node in nodes.Active) Replica(old, node).UnloadAsync().Ignore();
    }

    private async Task PointAsync(int version)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await GrainFactory.GetGrain<IModelReaderGrain>(Name).PointAsync(version);
                return;
            }
            catch (Exception e) when (attempt < PointTries)
            {
                logger.LogWarning(e, "The reader of {Model} couldn't be told of version {Version}; try {Try} of {Tries}.", Name, version, attempt, PointTries);
            }
        }
    }

    private IReplicaGrain Replica(int version, string node) =>
        GrainFactory.GetGrain<IReplicaGrain>(NodePlacement.Key(ModelVersionKey.Of(Name, version), node));

    private ModelVersion Version(int version) => version >= 1 && version <= State.Versions.Count
        ? State.Versions[version - 1]
        : throw new RefusedException(State.Versions.Count == 0 ? $"There's no model {Name}." : $"{Name} has no version {version}: it has 1 to {State.Versions.Count}.");

    private static Dictionary<string, int> With(Dictionary<string, int> aliases, string alias, int version) => new(aliases) { [alias] = version };

    private async Task WriteAsync()
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}
