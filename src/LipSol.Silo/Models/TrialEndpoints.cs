using LipSol.Client;
using LipSol.Contracts.Access;
using LipSol.Contracts.Models;
using LipSol.Silo.Access;
using LipSol.Silo.Http;
using Microsoft.AspNetCore.Mvc;
using ModelHistory = LipSol.Client.ModelHistory;
using ModelTraffic = LipSol.Client.ModelTraffic;
using PromotionDecision = LipSol.Client.PromotionDecision;

namespace LipSol.Silo.Models;

/// <summary>A version beside the one in production, what both did, the audit trail, and what is deleted.</summary>
internal static class TrialEndpoints
{
    private const int MostEntries = 400;

    public static void MapTrials(this IEndpointRouteBuilder models)
    {
        models.MapPost("/{name}/canary", (string name, StartCanary canary, HttpContext context, IGrainFactory grains) =>
                StartAsync(name, new TrialRequest { Kind = TrialKind.Canary, Version = canary.Version, Share = canary.Share, Sticky = canary.Sticky }, context, grains))
            .WithSummary("Has a version answer a share of the requests. It's loaded on every node first; where one can't load it, the answer says so with promoted: false.")
            .WithDescription("Each request draws by a hash of its X-Request-Id; with sticky, of its X-Caller, else of the token it came with. What the version fails on, the one in production answers.")
            .Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapPost("/{name}/shadow", (string name, StartShadow shadow, HttpContext context, IGrainFactory grains) =>
                StartAsync(name, new TrialRequest { Kind = TrialKind.Shadow, Version = shadow.Version }, context, grains))
            .WithSummary("Has a version read what production answers. Its answers are recorded and never returned.").Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapDelete("/{name}/trial", async (string name, [FromQuery] string? reason, HttpContext context, IGrainFactory grains) =>
            {
                await ModelRequests.GetAsync(grains, name);
                return (await grains.GetGrain<IModelGrain>(name).StopTrialAsync(reason ?? "", Callers.NameOf(context))).ToMessage();
            })
            .WithSummary("Ends a canary or a shadow: production answers everything.").Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapGet("/{name}/traffic", TrafficAsync)
            .WithSummary("What the version in production, and the one on trial, did with the requests since either changed: counts, errors, agreement, latencies, confidence.").NeedsRead();
        models.MapGet("/{name}/history", HistoryAsync)
            .WithSummary("The audit trail, newest first: who promoted, refused, rolled back, tried, aliased or deleted what, when, on which evidence. Nothing is ever taken out of it.").NeedsRead();
        models.MapDelete("/{name}/versions/{version:int}", async (string name, int version, HttpContext context, IGrainFactory grains) =>
            {
                ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
                await grains.GetGrain<IModelGrain>(name).DeleteAsync(version, Callers.NameOf(context));
                return Results.NoContent();
            })
            .WithSummary("Deletes a version that is neither in production nor on trial. Requests under way are answered; its run and artifacts stay.").Produces(StatusCodes.Status204NoContent).Refuses(StatusCodes.Status409Conflict).NeedsAdmin();
        models.MapDelete("/{name}", async (string name, HttpContext context, IGrainFactory grains) =>
            {
                await ModelRequests.GetAsync(grains, name);
                await grains.GetGrain<IModelGrain>(name).DeleteAsync(0, Callers.NameOf(context));
                return Results.NoContent();
            })
            .WithSummary("Deletes a model with its versions. Requests under way are answered; runs, artifacts and the audit trail stay.").Produces(StatusCodes.Status204NoContent).NeedsAdmin();
    }

    private static async Task<PromotionDecision> StartAsync(string name, TrialRequest request, HttpContext context, IGrainFactory grains)
    {
        if (request.Share is not (> 0 and <= 1)) throw ApiException.BadRequest(FormattableString.Invariant($"share is {request.Share}. Give a number above 0 and at most 1, e.g. 0.1."));
        ModelRequests.Version(await ModelRequests.GetAsync(grains, name), request.Version);
        return (await grains.GetGrain<IModelGrain>(name).StartTrialAsync(request, Callers.NameOf(context))).ToMessage();
    }

    private static async Task<ModelTraffic> TrafficAsync(string name, HttpContext context, IGrainFactory grains)
    {
        await ModelRequests.GetAsync(grains, name);
        var traffic = await grains.GetGrain<IModelGrain>(name).GetTrafficAsync() ?? throw ApiException.NotFound($"No version of {name} is in production, so there's nothing to count.");
        // What others had read is theirs, and the administrator's who decides by it.
        return Caller.Of(context).Role == AccessRole.Admin ? traffic.ToMessage(name) : traffic.ToMessage(name) with { Disagreements = [] };
    }

    private static async Task<ModelHistory> HistoryAsync(string name, IGrainFactory grains, [FromQuery] int skip = 0, [FromQuery] int take = 100)
    {
        if (skip < 0) throw ApiException.BadRequest($"skip is {skip}. Give 0 or more.");
        if (take is < 1 or > MostEntries) throw ApiException.BadRequest($"take is {take}. Give 1 to {MostEntries}.");
        var history = await grains.GetGrain<IModelGrain>(name).GetHistoryAsync(skip, take);
        // A model that was deleted has a history too; one that never had an entry may be there all the same.
        if (history.Total == 0) await ModelRequests.GetAsync(grains, name);
        return history.ToMessage(name);
    }
}
