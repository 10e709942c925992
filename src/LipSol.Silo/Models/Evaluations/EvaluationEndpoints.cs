using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Serving;
using ComparedFigure = LipSol.Client.ComparedFigure;
using ModelVersion = LipSol.Contracts.Models.ModelVersion;

namespace LipSol.Silo.Models.Evaluations;

/// <summary>How well versions read, over HTTP: one on its own, or two on the same clips.</summary>
internal static class EvaluationEndpoints
{
    /// <summary>Worst clips told.</summary>
    public const int WorstShown = 20;

    public static void MapEvaluations(this RouteGroupBuilder models)
    {
        models.MapPost("/{name}/evaluations", EvaluateAsync).WithSummary("Measures a version (the one in production where none is named) on a corpus' test split; with \"decoder\": \"all\", each of its decoders.")
            .Refuses(StatusCodes.Status409Conflict).NeedsRun();
        models.MapPost("/comparisons", CompareAsync).WithSummary("Measures two versions on the same test clips of a corpus and compares them clip by clip (paired bootstrap).")
            .Refuses(StatusCodes.Status409Conflict).NeedsRun();
    }

    private static async Task<ModelEvaluation> EvaluateAsync(string name, Evaluate request, IGrainFactory grains, CorpusLibrary corpora, ModelRuntime runtime, FolderArtifactStore store, CancellationToken cancellationToken)
    {
        var version = ModelRequests.VersionOrProduction(await ModelRequests.GetAsync(grains, name), request.Version);
        var (dataHash, corpus) = corpora.Get(request.Corpus);
        var (own, each) = request.Decoder == Evaluate.AllDecoders
            ? await runtime.UseAsync(version.Outcome.ModelArtifact, model => (model.DefaultDecoder, TestSplit.ReadWithEach(model, corpus.Manifest, dataHash, store, cancellationToken)), cancellationToken)
            : (null, []);
        var evaluation = own is { } kind ? each.Single(e => e.Kind == kind).Evaluation : await runtime.EvaluateAsync(version.Outcome.ModelArtifact, dataHash, request.Decoder, cancellationToken);
        return await Task.Run(() =>
        {
            var report = EvaluationReport.From(evaluation, worst: WorstShown);
            return new ModelEvaluation
            {
                Model = name,
                Version = version.Version,
                Corpus = request.Corpus,
                DataHash = dataHash,
                Decoder = own is { } chosen ? DecoderNames.Of(chosen) : request.Decoder,
                Figures = report.Figures.ToMessage(),
                Details = report.ToDetails(),
                Samples = [.. evaluation.Samples.Select(s => s.ToMessage())],
                Worst = [.. report.Worst.Select(s => s.ToMessage())],
                Decoders = own is { } compared ? each.ToMessage(compared) : [],
            };
        }, cancellationToken);
    }

    private static async Task<ModelComparison> CompareAsync(CompareVersions request, IGrainFactory grains, CorpusLibrary corpora, IModelRuntime runtime, CancellationToken cancellationToken)
    {
        var candidate = await FindAsync(grains, request.Candidate);
        var against = await FindAsync(grains, request.Against);
        var (dataHash, _) = corpora.Get(request.Corpus);
        // One after the other: both would share the same cores.
        var ours = await runtime.EvaluateAsync(candidate.Outcome.ModelArtifact, dataHash, request.Decoder, cancellationToken);
        var theirs = await runtime.EvaluateAsync(against.Outcome.ModelArtifact, dataHash, request.Decoder, cancellationToken);
        try
        {
            var comparison = await Task.Run(() => PairedComparison.Of(ours, theirs), cancellationToken);
            return new ModelComparison
            {
                Candidate = ToMessage(candidate),
                Against = ToMessage(against),
                Corpus = request.Corpus,
                DataHash = dataHash,
                Figures = comparison.Figures.ToDictionary(f => f.Key, f => new ComparedFigure(f.Value.Ours.ToMessage(), f.Value.Theirs.ToMessage(), f.Value.Difference.ToMessage(), f.Value.ProbabilityBetter, f.Value.Clips)),
                Worst = [.. comparison.Worst(WorstShown).Select(ToMessage)],
                Samples = [.. comparison.Samples.Select(ToMessage)],
            };
        }
        catch (UnpairedEvaluationsException)
        {
            throw new RefusedException($"{candidate.Model} version {candidate.Version} and {against.Model} version {against.Version} don't read the same things from {request.Corpus} (one reads words, the other sentences), so they can't be compared sample by sample.");
        }
    }

    private static async Task<ModelVersion> FindAsync(IGrainFactory grains, VersionName? name)
    {
        if (string.IsNullOrEmpty(name?.Model)) throw ApiException.BadRequest("Name two versions: {\"corpus\": …, \"candidate\": {\"model\": …, \"version\": …}, \"against\": {\"model\": …, \"version\": …}}.");
        return ModelRequests.VersionOrProduction(await ModelRequests.GetAsync(grains, name.Model), name.Version);
    }

    private static ComparedVersion ToMessage(ModelVersion version) => new(version.Model, version.Version, version.RunId, version.DataHash);

    private static ComparedReading ToMessage(ComparedSample s) => new()
    {
        Id = s.Ours.Id,
        Speaker = s.Ours.Speaker,
        Seen = s.Ours.Seen,
        SeenByOther = s.Theirs.Seen,
        Expected = s.Ours.Expected,
        Text = s.Ours.Text,
        Confidence = s.Ours.Confidence,
        OtherText = s.Theirs.Text,
        OtherConfidence = s.Theirs.Confidence,
    };
}
