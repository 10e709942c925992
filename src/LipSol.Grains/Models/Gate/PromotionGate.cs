using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>Judges a version: its figures must reach every threshold, and one beat that of the version in production on the same test samples. Decides nothing else and changes nothing.</summary>
internal sealed class PromotionGate(TestResults results)
{
    /// <summary>Draws of the paired bootstrap.</summary>
    public const int Resamples = 2000;

    /// <summary>The decision, not yet dated. <c>Promoted</c> says whether the gate passes.</summary>
    /// <exception cref="RefusedException">The policy can't be applied to these versions, or their test results can't be had.</exception>
    public async Task<PromotionDecision> JudgeAsync(ModelVersion candidate, ModelVersion? production, GatePolicy policy, CancellationToken cancellationToken)
    {
        (Metric metric, (Metric Metric, double Threshold)[] thresholds) = PolicyCheck.Read(policy);
        Evaluation ours = await results.OfAsync(candidate, cancellationToken);
        IReadOnlyDictionary<string, Figure> figures = await Task.Run(() => Figures(ours, candidate), cancellationToken);
        List<GateCheck> checks = [.. thresholds.Select(t => ThresholdPolicy.Judge(t.Metric, Estimate(Find(figures, t.Metric, candidate)), t.Threshold))];
        var evidence = new GateEvidence { Passes = checks.TrueForAll(c => c.Passes), Checks = checks, DataHash = ours.DataHash, TestHash = ours.TestHash, Evaluation = candidate.Outcome.EvaluationArtifact };
        string[] reasons = [.. checks.Select(ThresholdPolicy.Tell)];
        var decision = new PromotionDecision { Model = candidate.Model, Version = candidate.Version, Promoted = evidence.Passes, Reason = "", Policy = policy, PreviousVersion = production?.Version };
        if (production is null)
        {
            if (evidence.Passes) reasons = [.. reasons, "Nothing was in production before."];
            return decision with { Reason = string.Join(' ', reasons), Candidate = Estimate(Find(figures, metric, candidate)), Evidence = evidence };
        }

        // The comparison is made for a refused version too: a refusal shows its figures.
        (Evaluation theirs, string artifact, bool measured) = await results.OnSameClipsAsync(production, ours, cancellationToken);
        ComparedFigure compared = await Task.Run(() => Compare(ours, theirs, metric, production), cancellationToken);
        Verdict comparison = BeatsProductionPolicy.Judge(metric, production.Version, compared, policy.Confidence);
        bool passes = evidence.Passes && comparison.Passes;
        return decision with
        {
            Promoted = passes,
            Reason = string.Join(' ', [.. reasons, comparison.Reason]),
            Candidate = Estimate(compared.Ours),
            Production = Estimate(compared.Theirs),
            ProbabilityBetter = compared.ProbabilityBetter,
            Evidence = evidence with
            {
                Passes = passes,
                Comparison = new GateComparison
                {
                    Passes = comparison.Passes,
                    Difference = Estimate(compared.Difference),
                    Clips = compared.Clips,
                    Resamples = Resamples,
                    Evaluation = artifact,
                    MeasuredForThis = measured,
                },
            },
        };
    }

    private static ComparedFigure Compare(Evaluation ours, Evaluation theirs, Metric metric, ModelVersion production)
    {
        try
        {
            return PairedComparison.Of(ours, theirs, resamples: Resamples).Figures.GetValueOrDefault(metric.ToString())
                ?? throw new RefusedException($"There's no {metric} of the candidate and version {production.Version}, in production, together: no test clip is of a speaker that is so for both. Compare by {metric.Kind}, and ask for {metric} by a threshold.");
        }
        catch (Exception e) when (e is ArgumentException or UnpairedEvaluationsException)
        {
            throw new RefusedException($"The candidate and version {production.Version}, in production, can't be compared: {e.Message}");
        }
    }

    private static IReadOnlyDictionary<string, Figure> Figures(Evaluation evaluation, ModelVersion version)
    {
        try
        {
            return EvaluationReport.From(evaluation).Figures;
        }
        catch (ArgumentException e)
        {
            throw new RefusedException($"The evaluation of {version.Model} version {version.Version} gives no figures: {e.Message}");
        }
    }

    private static Figure Find(IReadOnlyDictionary<string, Figure> figures, Metric metric, ModelVersion version) => figures.GetValueOrDefault(metric.ToString())
        ?? throw new RefusedException($"The evaluation of {version.Model} version {version.Version} has no {metric}. It has: {string.Join(", ", figures.Keys)}.");

    private static Estimate Estimate(Figure figure) => new(figure.Value, figure.Low, figure.High, figure.Count);
}
