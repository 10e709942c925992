using LipSol.Client;
using LipSol.Contracts.Models;
using LipSol.Silo.Http;
using LipSol.Silo.Models.Bundles;
using LipSol.Silo.Models.Evaluations;
using LipSol.Silo.Models.Saliencies;
using LipSol.Silo.Node;
using ModelVersion = LipSol.Client.ModelVersion;
using PromotionDecision = LipSol.Client.PromotionDecision;

namespace LipSol.Silo.Models;

/// <summary>Models, versions and promotion over HTTP.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder api, NodeOptions options)
    {
        var models = api.MapGroup("/models").WithTags("Models").Refuses(StatusCodes.Status404NotFound);
        models.MapGet("", async (IGrainFactory grains) => (await grains.GetGrain<IModelRegistryGrain>(0).ListAsync()).Select(m => m.ToMessage()).ToArray())
            .WithSummary("All models, by name.").NeedsRead();
        models.MapGet("/{name}", async (string name, IGrainFactory grains) => (await ModelRequests.GetAsync(grains, name)).ToMessage())
            .WithSummary("A model with its versions, aliases and promotions.").NeedsRead();
        models.MapGet("/{name}/versions/{version:int}", async (string name, int version, IGrainFactory grains) => ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version).ToMessage())
            .WithSummary("One version.").NeedsRead();
        models.MapPost("/{name}/versions", RegisterAsync).WithSummary("Registers a completed run's model as the next version. The same run gives the same version.")
            .Refuses(StatusCodes.Status409Conflict).NeedsRun();
        models.MapPost("/{name}/promotions", PromoteAsync)
            .WithSummary("Judges a run's model, or a version, by the gate, and puts it into production where it passes. A refusal by the gate is a normal answer with promoted: false.")
            .WithDescription("Every threshold must be reached (threshold is metric's, thresholds those of others), and metric be better than that of the version in production on the same test clips (paired bootstrap, at the confidence asked for). "
                + "With a key, asking again is the same promotion and the same answer.")
            .Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapPost("/{name}/rollback", RollbackAsync).WithSummary("Ends a canary or a shadow where one runs; else back to the version that was in production before.").Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapPut("/{name}/aliases/{alias}", SetAliasAsync).WithSummary("Points an alias other than production at a version.").NeedsAdmin();
        models.MapPost("/{name}/versions/{version:int}/marks", MarkAsync).WithSummary("Notes what has to be known of a version before it's used; stays with it for good. The same again changes nothing.").NeedsAdmin();
        models.MapTrials();
        models.MapBundles(options);
        models.MapEvaluations();
        models.MapSaliency(options);
    }

    private static async Task<ModelVersion> RegisterAsync(string name, RegisterVersion register, IGrainFactory grains)
    {
        Names.Require(name, "The model's name");
        await ModelRequests.RequireRunAsync(grains, register.RunId);
        return (await grains.GetGrain<IModelGrain>(name).RegisterAsync(register.RunId)).ToMessage();
    }

    private static async Task<PromotionDecision> PromoteAsync(string name, Promote promote, HttpContext context, IGrainFactory grains)
    {
        Names.Require(name, "The model's name");
        if (promote.RunId is null == promote.Version is null) throw ApiException.BadRequest("Name the run whose model to promote, or a version that is registered already: runId or version, not both.");
        var policy = GatePolicies.Of(promote);
        var model = grains.GetGrain<IModelGrain>(name);
        if (promote.RunId is { } run) await ModelRequests.RequireRunAsync(grains, run);
        var version = promote.Version ?? (await model.RegisterAsync(promote.RunId!)).Version;
        if (promote.Version is not null) ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
        return (await model.PromoteAsync(new PromotionRequest { Version = version, Policy = policy, Key = promote.Key ?? "", By = Callers.NameOf(context), Note = promote.Note ?? "" })).ToMessage();
    }

    private static async Task<PromotionDecision> RollbackAsync(string name, Rollback? rollback, HttpContext context, IGrainFactory grains)
    {
        await ModelRequests.GetAsync(grains, name);
        return (await grains.GetGrain<IModelGrain>(name).RollbackAsync(rollback?.Reason ?? "rolled back on request", Callers.NameOf(context))).ToMessage();
    }

    private static async Task<Model> MarkAsync(string name, int version, MarkVersion mark, IGrainFactory grains)
    {
        Names.RequireText(mark.Text, "text");
        ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
        await grains.GetGrain<IModelGrain>(name).MarkAsync(version, mark.Text);
        return (await ModelRequests.GetAsync(grains, name)).ToMessage();
    }

    private static async Task<Model> SetAliasAsync(string name, string alias, AliasTarget target, HttpContext context, IGrainFactory grains)
    {
        Names.Require(alias, "The alias");
        if (alias == "production") throw ApiException.BadRequest("production is set by promotion only: POST …/promotions.");
        ModelRequests.Version(await ModelRequests.GetAsync(grains, name), target.Version);
        await grains.GetGrain<IModelGrain>(name).SetAliasAsync(alias, target.Version, Callers.NameOf(context));
        return (await ModelRequests.GetAsync(grains, name)).ToMessage();
    }
}
