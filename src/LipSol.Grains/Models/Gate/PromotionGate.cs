using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>Judges a version: its figure must reach the threshold, and beat that of the version in production on the same test samples. Decides nothing else and changes nothing.</summary>
internal sealed class PromotionGate(IArtifactReader artifacts, IModelRuntime runtime)
{
    /// <summary>The decision, not yet dated. <c>Promoted</c> says whether the gate passes.</summary>
    /// <exception cref="RefusedException">The policy or the metric can't be applied to this version.</exception>
    public async Task<PromotionDecision> JudgeAsync(ModelVersion candidate, ModelVersion? production, GatePolicy policy, CancellationToken cancellationToken)
    {
        Metric metric = Check(policy);
        Evaluation ours = await ReadAsync(candidate, cancellationToken);
        Estimate figure = await FigureAsync(ours, metric, candidate);
        Verdict verdict = ThresholdPolicy.Judge(metric, figure, policy.Threshold);
        var decision = new PromotionDecision
        {
            Model = candidate.Model,
            Version = candidate.Version,
            Promoted = verdict.Passes,
            Reason = verdict.Reason,
            Policy = policy,
            Candidate = figure,
            PreviousVersion = production?.Version,
        };
        if (production is null) return decision with { Reason = verdict.Passes ? $"{verdict.Reason} Nothing was in production before." : verdict.Reason };

        // The comparison is made for a refused version too: a refusal shows its figures.
        Evaluation theirs = await EvaluateOnSameDataAsync(production, ours, cancellationToken);
        double better = await Task.Run(() => PairedBootstrap.ProbabilityBetter(ours, theirs, policy.Metric), cancellationToken);
        Verdict comparison = BeatsProductionPolicy.Judge(production.Version, better, policy.Confidence);
        return decision with
        {
            Promoted = verdict.Passes && comparison.Passes,
            Reason = $"{verdict.Reason} {comparison.Reason}",
            Production = await FigureAsync(theirs, metric, production),
            ProbabilityBetter = better,
        };
    }

    private async Task<Evaluation> EvaluateOnSameDataAsync(ModelVersion production, Evaluation ours, CancellationToken cancellationToken)
    {
        Evaluation theirs = await ReadAsync(production, cancellationToken);
        if (theirs.TestHash == ours.TestHash) return theirs;
        theirs = await runtime.EvaluateAsync(production.Outcome.ModelArtifact, ours.DataHash, decoder: null, cancellationToken);
        return theirs.TestHash == ours.TestHash
            ? theirs
            : throw new RefusedException($"Version {production.Version}, in production, was measured again on the data {ours.DataHash}, and the test samples still differ "
                + $"({theirs.TestHash} against {ours.TestHash}): the corpus doesn't match the candidate's evaluation. Evaluate the candidate again.");
    }

    private async Task<Evaluation> ReadAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        string hash = version.Outcome.EvaluationArtifact;
        try
        {
            return EvaluationFile.Read(await artifacts.ReadAsync(hash, cancellationToken));
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            throw new RefusedException($"The evaluation {hash} of {version.Model} version {version.Version} can't be read: {e.Message}");
        }
    }

    private static async Task<Estimate> FigureAsync(Evaluation evaluation, Metric metric, ModelVersion version)
    {
        EvaluationReport report = await Task.Run(() => EvaluationReport.From(evaluation));
        return report.Figures.TryGetValue(metric.ToString(), out Figure? figure)
            ? new Estimate(figure.Value, figure.Low, figure.High, figure.Count)
            : throw new RefusedException($"The evaluation of {version.Model} version {version.Version} has no {metric}. It has: {string.Join(", ", report.Figures.Keys)}.");
    }

    private static Metric Check(GatePolicy policy)
    {
        if (policy.Confidence is not (> 0 and < 1)) throw new RefusedException($"The confidence is {policy.Confidence}: give a number between 0 and 1, as 0.95.");
        if (double.IsNaN(policy.Threshold)) throw new RefusedException("The threshold isn't a number.");
        try
        {
            return Metric.Parse(policy.Metric);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(e.Message);
        }
    }
}
