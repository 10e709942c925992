using LipSol.Client;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using ModelVersion = LipSol.Client.ModelVersion;
using PromotionDecision = LipSol.Client.PromotionDecision;

namespace LipSol.Silo.Models;

/// <summary>Models, versions and promotion over HTTP.</summary>
internal static class ModelEndpoints
{
    private static readonly string[] Metrics = ["word_accuracy", "wer", "cer"];

    public static void MapModels(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models").Refuses(StatusCodes.Status404NotFound);
        models.MapGet("", async (IGrainFactory grains) => (await grains.GetGrain<IModelRegistryGrain>(0).ListAsync()).Select(m => m.ToMessage()).ToArray())
            .WithSummary("All models, by name.");
        models.MapGet("/{name}", async (string name, IGrainFactory grains) => (await GetAsync(grains, name)).ToMessage())
            .WithSummary("A model with its versions, aliases and promotions.");
        models.MapGet("/{name}/versions/{version:int}", async (string name, int version, IGrainFactory grains) => Version(await GetAsync(grains, name), version).ToMessage())
            .WithSummary("One version.");
        models.MapPost("/{name}/versions", RegisterAsync).WithSummary("Registers a completed run's model as the next version. The same run gives the same version.")
            .Refuses(StatusCodes.Status409Conflict);
        models.MapPost("/{name}/promotions", PromoteAsync)
            .WithSummary("Judges a run's model, or a version, by the gate, and puts it into production where it passes. A refusal by the gate is a normal answer with promoted: false.")
            .Refuses(StatusCodes.Status409Conflict);
        models.MapPost("/{name}/rollback", RollbackAsync).WithSummary("Back to the version that was in production before.").Refuses(StatusCodes.Status409Conflict);
        models.MapPut("/{name}/aliases/{alias}", SetAliasAsync).WithSummary("Points an alias other than production at a version.");
        models.MapPost("/{name}/evaluations", EvaluateAsync).WithSummary("Measures a version (the one in production where none is named) on a corpus' test split.");
    }

    private static async Task<ModelVersion> RegisterAsync(string name, RegisterVersion register, IGrainFactory grains)
    {
        Names.Require(name, "The model's name");
        await RequireRunAsync(grains, register.RunId);
        return (await grains.GetGrain<IModelGrain>(name).RegisterAsync(register.RunId)).ToMessage();
    }

    private static async Task<PromotionDecision> PromoteAsync(string name, Promote promote, IGrainFactory grains)
    {
        Names.Require(name, "The model's name");
        if (promote.RunId is null == promote.Version is null) throw ApiException.BadRequest("Name the run whose model to promote, or a version that is registered already: runId or version, not both.");
        var metric = promote.Metric.Split('.')[0];
        if (!Metrics.Contains(metric)) throw ApiException.BadRequest($"metric is \"{promote.Metric}\". The gate judges by {string.Join(", ", Metrics)}, each also as .seen or .unseen.");
        if (!(promote.Confidence is > 0 and < 1)) throw ApiException.BadRequest($"confidence is {promote.Confidence}. Give a number between 0 and 1, e.g. 0.95.");
        if (!double.IsFinite(promote.Threshold)) throw ApiException.BadRequest($"threshold is {promote.Threshold}. Give a number, e.g. 0.8.");
        var model = grains.GetGrain<IModelGrain>(name);
        if (promote.RunId is { } run) await RequireRunAsync(grains, run);
        var version = promote.Version ?? (await model.RegisterAsync(promote.RunId!)).Version;
        if (promote.Version is not null) Version(await GetAsync(grains, name), version);
        return (await model.PromoteAsync(version, new GatePolicy { Metric = promote.Metric, Threshold = promote.Threshold, Confidence = promote.Confidence })).ToMessage();
    }

    private static async Task<PromotionDecision> RollbackAsync(string name, Rollback? rollback, IGrainFactory grains)
    {
        await GetAsync(grains, name);
        return (await grains.GetGrain<IModelGrain>(name).RollbackAsync(rollback?.Reason ?? "rolled back on request")).ToMessage();
    }

    private static async Task<Model> SetAliasAsync(string name, string alias, AliasTarget target, IGrainFactory grains)
    {
        Names.Require(alias, "The alias");
        if (alias == "production") throw ApiException.BadRequest("production is set by promotion only: POST …/promotions.");
        Version(await GetAsync(grains, name), target.Version);
        await grains.GetGrain<IModelGrain>(name).SetAliasAsync(alias, target.Version);
        return (await GetAsync(grains, name)).ToMessage();
    }

    private static async Task<ModelEvaluation> EvaluateAsync(string name, Evaluate request, IGrainFactory grains, CorpusLibrary corpora, IModelRuntime runtime, CancellationToken cancellationToken)
    {
        var model = await GetAsync(grains, name);
        var number = request.Version ?? (model.Aliases.TryGetValue("production", out var production) ? production
            : throw ApiException.NotFound($"No version of {name} is in production. Name a version, or promote one."));
        var version = Version(model, number);
        var (dataHash, _) = corpora.Get(request.Corpus);
        var evaluation = await runtime.EvaluateAsync(version.Outcome.ModelArtifact, dataHash, cancellationToken);
        var report = await Task.Run(() => EvaluationReport.From(evaluation), cancellationToken);
        return new ModelEvaluation
        {
            Model = name,
            Version = number,
            Corpus = request.Corpus,
            DataHash = dataHash,
            Figures = report.Figures.ToDictionary(f => f.Key, f => new Client.Estimate(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count)),
            Samples = [.. evaluation.Samples.Select(s => new SampleReading(s.Id, s.Speaker, s.Seen, s.Expected, s.Text, s.Confidence))],
        };
    }

    private static async Task<ModelRecord> GetAsync(IGrainFactory grains, string name) =>
        await grains.GetGrain<IModelGrain>(name).GetAsync() ?? throw ApiException.NotFound($"There is no model {name}. `lipsol models list` names them all.");

    private static Contracts.Models.ModelVersion Version(ModelRecord model, int version) =>
        model.Versions.FirstOrDefault(v => v.Version == version)
        ?? throw ApiException.NotFound($"Model {model.Name} has no version {version}; it has {string.Join(", ", model.Versions.Select(v => v.Version))}.");

    private static async Task RequireRunAsync(IGrainFactory grains, string runId) =>
        _ = await grains.GetGrain<IRunGrain>(runId).GetAsync() ?? throw ApiException.NotFound($"There is no run {runId}. `lipsol runs list` names them all.");
}
