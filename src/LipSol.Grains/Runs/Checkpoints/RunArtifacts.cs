using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs.Checkpoints;

/// <summary>What a run refers to in the artifact store.</summary>
public static class RunArtifacts
{
    /// <summary>The hashes; the checkpoint that a running attempt goes on from is among them.</summary>
    public static HashSet<string> Of(RunRecord record)
    {
        HashSet<string> artifacts = [.. record.Checkpoints.Select(c => c.Artifact), .. (record.Kept ?? []).Values];
        if (record.Status == RunStatus.Running && record.Attempts is [.., { ResumedFrom: { } from }]) artifacts.Add(from.Artifact);
        if (record.Spec.InitFrom is { } initial) artifacts.UnionWith(new[] { initial.Weights, initial.Map }.OfType<string>());
        if (record.Spec.NetworkSource is { } source) artifacts.Add(source);
        if (record.Outcome is { } outcome) artifacts.UnionWith(Of(outcome));
        return artifacts;
    }

    /// <summary>Those of an outcome.</summary>
    public static IEnumerable<string> Of(RunOutcome outcome) => [outcome.ModelArtifact, outcome.EvaluationArtifact, .. outcome.Artifacts.Values];
}
