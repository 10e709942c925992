using LipSol.Client;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Inference;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using Microsoft.AspNetCore.Mvc;

namespace LipSol.Silo.Models.Bundles;

/// <summary>Model versions as files over HTTP: out of one node, into another.</summary>
internal static class BundleEndpoints
{
    /// <summary>The rate limiter's policy: a bundle is checked and loaded by one request at a time, and few wait.</summary>
    public const string Limiter = "bundles";

    private const string ContentType = "application/zip";

    public static void MapBundles(this RouteGroupBuilder models, NodeOptions options)
    {
        models.MapGet("/{name}/versions/{version:int}/bundle", ExportAsync).WithSummary("A version as one portable file, which another node takes in.").NeedsRead()
            .Produces<Stream>(StatusCodes.Status200OK, ContentType);
        models.MapPost("/imports", ImportAsync)
            .WithSummary("Takes a bundle in as the next version of its model, or of the one named. Everything is checked and the network is run once before; nothing is promoted.")
            .Accepts<Stream>(ContentType, "application/octet-stream")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType).Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RequestSizeLimitAttribute(options.Bundles.Bytes))
            .RequireRateLimiting(Limiter).NeedsRun();
    }

    private static async Task<IResult> ExportAsync(string name, int version, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        var found = ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
        var run = found.Origin is null ? await grains.GetGrain<IRunGrain>(found.RunId).GetAsync() : null;
        var file = await Task.Run(() => bundles.Pack(found, run, cancellationToken), cancellationToken);
        return Results.Stream(file, ContentType, $"{name}-{version}{BundleFile.Extension}");
    }

    private static async Task<ImportedModel> ImportAsync(HttpRequest request, [FromQuery] string? name, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        if (name is not null) Names.Require(name, "The model's name");
        var (bundle, import) = await bundles.ReceiveAsync(request.Body, cancellationToken);
        var target = name ?? bundle.Model;
        Names.Require(target, "The name of the bundle's model (name another with ?name=)");
        var before = (await grains.GetGrain<IModelGrain>(target).GetAsync())?.Versions.Count ?? 0;
        var version = await grains.GetGrain<IModelGrain>(target).ImportAsync(import);
        return new ImportedModel(version.ToMessage(), version.Version <= before);
    }
}
