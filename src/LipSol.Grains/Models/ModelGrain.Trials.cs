using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Models.Audit;
using LipSol.Grains.Serving;
using LipSol.Grains.Serving.Traffic;
using Microsoft.Extensions.Logging;

namespace LipSol.Grains.Models;

/// <summary>A version beside the one in production, what both did, and the audit trail.</summary>
internal sealed partial class ModelGrain
{
    private static readonly TimeSpan TrafficPatience = TimeSpan.FromSeconds(2);

    public async Task<PromotionDecision> StartTrialAsync(TrialRequest request, string by = "")
    {
        ModelVersion version = Version(request.Version);
        if (Production is not { } production) throw new RefusedException($"Nothing of {Name} is in production, so there's nothing to try version {request.Version} beside. Promote it instead.");
        if (production == request.Version) throw new RefusedException($"Version {request.Version} is in production. Try another one.");
        if (request.Share is not (> 0 and <= 1)) throw new RefusedException($"The share is {request.Share}: give a number above 0 and at most 1, as 0.1.");

        var trial = new ModelTrial
        {
            Id = Guid.NewGuid().ToString("N"),
            Kind = request.Kind,
            Version = request.Version,
            ModelArtifact = version.Outcome.ModelArtifact,
            Share = request.Kind == TrialKind.Shadow ? 1 : request.Share,
            Sticky = request.Kind == TrialKind.Canary && request.Sticky,
            StartedAt = time.GetUtcNow(),
            By = by,
        };
        string what = request.Kind == TrialKind.Shadow ? $"Version {trial.Version} reads what version {production} answers."
            : FormattableString.Invariant($"Version {trial.Version} answers {100 * trial.Share:0.##} % of {(trial.Sticky ? "callers" : "requests")}, version {production} the rest.");
        if (State.Trial is { } ended) what += $" This ends the {Noun(ended)} of version {ended.Version}.";
        PromotionDecision decision = await WarmAsync(new PromotionDecision
        {
            Model = Name,
            Version = trial.Version,
            Promoted = true,
            Reason = what,
            PreviousVersion = production,
            By = by,
            Kind = request.Kind == TrialKind.Shadow ? DecisionKind.Shadow : DecisionKind.Canary,
            Trial = trial,
        }, version);
        return await DecideAsync(decision.Promoted ? decision : decision with { Trial = null }, version, () => State.Trial = trial);
    }

    public Task<PromotionDecision> StopTrialAsync(string reason, string by = "")
    {
        if (State.Trial is not { } trial) throw new RefusedException($"No version of {Name} is on trial.");
        string because = string.IsNullOrWhiteSpace(reason) ? "." : $": {reason}";
        return EndTrialAsync(DecisionKind.Stop, $"The {Noun(trial)} of version {trial.Version} is ended, version {Production} stays in production{because}", by);
    }

    public async Task<ModelTraffic?> GetTrafficAsync() => _written.Route is { Production: not null } route ? await GatherTrafficAsync(route) : null;

    public Task<ModelHistory> GetHistoryAsync(int skip, int take) => AuditTrail.ReadAsync(GrainFactory, Name, _written.Pages, _written.Latest, skip, take);

    private Task<PromotionDecision> EndTrialAsync(DecisionKind kind, string what, string by)
    {
        ModelVersion version = Version(State.Trial!.Version);
        return DecideAsync(new PromotionDecision
        {
            Model = Name,
            Version = Production!.Value,
            Promoted = true,
            Reason = what,
            PreviousVersion = Production,
            By = by,
            Kind = kind,
        }, version, () => State.Trial = null);
    }

    private async Task<ModelTraffic> GatherTrafficAsync(ModelRoute route)
    {
        List<string> active = nodes.Active;
        (string Node, bool Answered, NodeTraffic? Counts)[] all = await Task.WhenAll(active.Select(AskAsync));
        return TrafficSum.Of(route, [.. all.Select(n => n.Counts).OfType<NodeTraffic>()], [.. all.Where(n => !n.Answered).Select(n => n.Node)], time.GetUtcNow());

        async Task<(string, bool, NodeTraffic?)> AskAsync(string node)
        {
            try
            {
                return (node, true, await ServingNodeGrain.Of(GrainFactory, node).GetTrafficAsync(Name).WaitAsync(TrafficPatience));
            }
            catch (Exception e)
            {
                logger.LogInformation("Node {Node} didn't say what it counted of {Model}: {Reason}", node, Name, e.Message);
                return (node, false, null);
            }
        }
    }

    private static string Noun(ModelTrial trial) => trial.Kind == TrialKind.Shadow ? "shadow" : "canary";
}
