using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;

namespace LipSol.Grains.Models.Gate;

/// <summary>What versions read from test clips, clip by clip: as their runs measured it, or measured now.</summary>
internal sealed class TestResults(IArtifactReader artifacts, IArtifactWriter store, IModelRuntime runtime)
{
    /// <summary>A version's results as its run left them.</summary>
    /// <exception cref="RefusedException">They aren't there, or can't be read.</exception>
    public async Task<Evaluation> OfAsync(ModelVersion version, CancellationToken cancellationToken) => (await TryReadAsync(version, cancellationToken)) switch
    {
        ({ } evaluation, _) => evaluation,
        (_, var why) => throw new RefusedException($"Version {version.Version} of {version.Model} can't be judged: its results clip by clip, the artifact {version.Outcome.EvaluationArtifact}, can't be read: {why} "
            + "Bring the artifact back into this node's store, or train the version anew."),
    };

    /// <summary>A version's results on the clips that others were measured on. Where its own are of other clips, or lost, it's measured now, and what that gave is kept as an artifact.</summary>
    /// <exception cref="RefusedException">It can't be measured on these clips.</exception>
    public async Task<(Evaluation Results, string Artifact, bool Measured)> OnSameClipsAsync(ModelVersion version, Evaluation others, CancellationToken cancellationToken)
    {
        (Evaluation? own, _) = await TryReadAsync(version, cancellationToken);
        if (own?.TestHash == others.TestHash) return (own, version.Outcome.EvaluationArtifact, false);
        Evaluation measured = await MeasureAsync(version, others, cancellationToken);
        return measured.TestHash == others.TestHash
            ? (measured, await store.WriteAsync(EvaluationFile.ToBytes(measured), cancellationToken), true)
            : throw new RefusedException($"Version {version.Version}, in production, was measured again on the data {others.DataHash}, and the test samples still differ "
                + $"({measured.TestHash} against {others.TestHash}): one reads words and the other sentences, or the corpus isn't the one that the candidate was measured on. Train the candidate on this corpus anew.");
    }

    private async Task<Evaluation> MeasureAsync(ModelVersion version, Evaluation others, CancellationToken cancellationToken)
    {
        try
        {
            return await runtime.EvaluateAsync(version.Outcome.ModelArtifact, others.DataHash, decoder: null, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new RefusedException($"Version {version.Version}, in production, has no results on the candidate's test clips and can't be measured on them (data {others.DataHash}): {e.Message}");
        }
    }

    private async Task<(Evaluation? Evaluation, string? Why)> TryReadAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        try
        {
            return (EvaluationFile.Read(await artifacts.ReadAsync(version.Outcome.EvaluationArtifact, cancellationToken)), null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return (null, e.Message);
        }
    }
}
