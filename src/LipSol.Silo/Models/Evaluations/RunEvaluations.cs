using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Http;

namespace LipSol.Silo.Models.Evaluations;

/// <summary>What a run measured at its end, over HTTP: from the readings that it left.</summary>
internal static class RunEvaluations
{
    // The run's own decoder where its parameters name none.
    private const string DecoderParameter = "decoder", DefaultDecoder = "beam";

    public static void MapRunEvaluation(this IEndpointRouteBuilder api) =>
        api.MapGet("/runs/{id}/evaluation", GetAsync).WithTags("Runs").WithSummary("How well a completed run's model read the test split: figures, kinds of error, confusions, reliability, the worst clips, each decoder.").NeedsRead()
            .Refuses(StatusCodes.Status404NotFound).Refuses(StatusCodes.Status409Conflict);

    private static async Task<RunEvaluation> GetAsync(string id, IGrainFactory grains, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        var run = await grains.GetGrain<IRunGrain>(id).GetAsync() ?? throw ApiException.NotFound($"There is no run {id}. `lipsol runs list` names them all.");
        if (run.Outcome is not { } outcome) throw new RefusedException($"The run {id} is {run.Status.ToString().ToLowerInvariant()}: only a completed run was measured.");
        return await Task.Run(() => Of(run, outcome, store), cancellationToken);
    }

    private static RunEvaluation Of(RunRecord run, RunOutcome outcome, FolderArtifactStore store)
    {
        var evaluation = EvaluationFile.Read(store.ReadBytes(outcome.EvaluationArtifact));
        var report = EvaluationReport.From(evaluation, worst: EvaluationEndpoints.WorstShown);
        var own = OwnDecoder(run, outcome);
        return new RunEvaluation
        {
            RunId = run.Id,
            Run = run.Spec.Name,
            Corpus = run.Spec.Corpus,
            DataHash = evaluation.DataHash,
            Decoder = own is { } kind ? DecoderNames.Of(kind) : null,
            Figures = report.Figures.ToMessage(),
            Details = report.ToDetails(),
            Samples = [.. evaluation.Samples.Select(s => s.ToMessage())],
            Worst = [.. report.Worst.Select(s => s.ToMessage())],
            Decoders = own is { } compared ? ByDecoder(outcome).Select(d => (d.Kind, EvaluationFile.Read(store.ReadBytes(d.Hash)))).ToArray().ToMessage(compared) : [],
        };
    }

    private static IEnumerable<(DecoderKind Kind, string Hash)> ByDecoder(RunOutcome outcome)
    {
        foreach (var kind in Enum.GetValues<DecoderKind>())
            if (outcome.Artifacts.TryGetValue($"evaluation-{DecoderNames.Of(kind)}.json", out var hash)) yield return (kind, hash);
    }

    // Its readings are the run's own, byte for byte; where another decoder read the very same, the parameter tells.
    private static DecoderKind? OwnDecoder(RunRecord run, RunOutcome outcome)
    {
        var asked = run.Spec.Parameters.GetValueOrDefault(DecoderParameter) ?? DefaultDecoder;
        DecoderKind[] same = [.. ByDecoder(outcome).Where(d => d.Hash == outcome.EvaluationArtifact).Select(d => d.Kind).OrderByDescending(k => DecoderNames.Of(k) == asked)];
        return same.Length > 0 ? same[0] : null;
    }
}
