using LipSol.Client;
using LipSol.Silo.Runs;
using Recorded = LipSol.Contracts.Models;

namespace LipSol.Silo.Models;

/// <summary>From the grains' records to the messages of the HTTP API.</summary>
internal static class ModelMapping
{
    public static Model ToMessage(this Recorded.ModelRecord model) =>
        new(model.Name, [.. model.Versions.Select(ToMessage)], model.Aliases, [.. model.Promotions.Select(ToMessage)]);

    public static ModelVersion ToMessage(this Recorded.ModelVersion v) =>
        new(v.Model, v.Version, v.RunId, v.DataHash, v.CreatedAt, v.Outcome.Figures.ToMessage(), v.Outcome.OnnxMaxAbsDifference) 
        {
            Artifact = v.Outcome.ModelArtifact,
            Origin = v.Origin is { } o ? new ModelOrigin(o.Model, o.Version, o.Registered, o.CodeVersion, o.Seed, o.Bundle) : null,
        };

    public static PromotionDecision ToMessage(this Recorded.PromotionDecision d) =>
        new(d.Model, d.Version, d.Promoted, d.Reason, d.Policy?.Metric ?? "", d.Policy?.Threshold, d.Policy?.Confidence,
            d.Candidate?.ToMessage(), d.Production?.ToMessage(), d.ProbabilityBetter, d.PreviousVersion, d.Time);
}
