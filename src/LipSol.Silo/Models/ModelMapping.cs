using LipSol.Client;
using LipSol.Silo.Runs;
using Recorded = LipSol.Contracts.Models;

namespace LipSol.Silo.Models;

/// <summary>From the grains' records to the messages of the HTTP API.</summary>
internal static class ModelMapping
{
    public static Model ToMessage(this Recorded.ModelRecord model) =>
        new(model.Name, [.. model.Versions.Select(v => v.ToMessage() with { Objects = model.Objects.GetValueOrDefault(v.Version) ?? [] })], model.Aliases, [.. model.Promotions.Select(ToMessage)]) { Trial = model.Trial?.ToMessage(), Marks = model.Marks.ToDictionary(m => m.Key, m => (IReadOnlyList<string>)m.Value) };

    public static ModelVersion ToMessage(this Recorded.ModelVersion v) =>
        new(v.Model, v.Version, v.RunId, v.DataHash, v.CreatedAt, v.Outcome.Figures.ToMessage(), v.Outcome.OnnxMaxAbsDifference) 
        {
            Artifact = v.Outcome.ModelArtifact,
            Evaluation = v.Outcome.EvaluationArtifact,
            Origin = v.Origin is { } o ? new ModelOrigin(o.Model, o.Version, o.Registered, o.CodeVersion, o.Seed, o.Bundle) : null,
        };

    public static PromotionDecision ToMessage(this Recorded.PromotionDecision d) =>
        new(d.Model, d.Version, d.Promoted, d.Reason, d.Policy?.Metric ?? "", d.Policy?.Threshold, d.Policy?.Confidence,
            d.Candidate?.ToMessage(), d.Production?.ToMessage(), d.ProbabilityBetter, d.PreviousVersion, d.Time)
        {
            Kind = d.ToKind(),
            By = d.By.Length > 0 ? d.By : null,
            Traffic = d.Traffic?.ToMessage(),
            Nodes = d.Nodes,
            Trial = d.Trial?.ToMessage(),
            Key = d.Key.Length > 0 ? d.Key : null,
            Note = d.Note.Length > 0 ? d.Note : null,
            Evidence = d.Evidence?.ToMessage(),
        };

    private static GateEvidence ToMessage(this Recorded.GateEvidence e) =>
        new(e.Passes, [.. e.Checks.Select(c => new GateCheck(c.Metric, c.Threshold, c.Figure.ToMessage(), c.Passes))], e.DataHash, e.TestHash, e.Evaluation,
            e.Comparison is { } c ? new GateComparison(c.Passes, c.Difference.ToMessage(), c.Clips, c.Resamples, c.Evaluation, c.MeasuredForThis) : null);

    public static ModelTrial ToMessage(this Recorded.ModelTrial t) => new(t.Kind == Recorded.TrialKind.Shadow ? ModelTrial.Shadow : ModelTrial.Canary, t.Version, t.Share, t.Sticky, t.StartedAt, t.By.Length > 0 ? t.By : null);

    public static ModelTraffic ToMessage(this Recorded.ModelTraffic t, string model) => new(model, t.Trial?.ToMessage(), t.Figures.ToMessage(),
        [.. t.Disagreements.Select(d => new Disagreement(d.Time, d.Production, d.ProductionConfidence, d.Candidate, d.CandidateConfidence))]);

    public static ModelHistory ToMessage(this Recorded.ModelHistory h, string model) => new(model, [.. h.Entries.Select(ToMessage)], h.Total);

    private static TrafficFigures ToMessage(this Recorded.TrafficFigures f) => new()
    {
        Since = f.Since,
        Production = f.Production?.ToMessage(),
        Candidate = f.Candidate?.ToMessage(),
        Compared = f.Compared,
        Agreed = f.Agreed,
        Agreement = f.Compared == 0 ? null : f.Agreed / (double)f.Compared,
        Dropped = f.Dropped,
        Silent = f.Silent,
    };

    private static VersionTraffic ToMessage(this Recorded.VersionTraffic v) => new()
    {
        Version = v.Version,
        Answered = v.Answered,
        Shadowed = v.Shadowed,
        Errors = v.Errors,
        MeanConfidence = v.MeanConfidence,
        P50 = v.P50,
        P95 = v.P95,
        P99 = v.P99,
    };

    // Rollbacks that were written down before kinds were have no policy.
    private static string ToKind(this Recorded.PromotionDecision d) => d.Kind switch
    {
        Recorded.DecisionKind.Promotion when d.Policy is null => "rollback",
        Recorded.DecisionKind.Promotion => d.Promoted ? "promote" : "refuse",
        Recorded.DecisionKind.Deletion => "delete",
        var kind => Http.Problems.Kebab(kind),
    };
}
