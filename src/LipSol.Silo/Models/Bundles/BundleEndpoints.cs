using LipSol.Artifacts;
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
        models.MapPost("/{name}/versions/{version:int}/object", StoreAsync)
            .WithSummary("Makes a version one object of the store (a folder of its bundle's parts), by whose hash another node takes it in from a remote.").NeedsRun();
        models.MapPost("/imports/{hash}", TakeInAsync)
            .WithSummary("Takes such an object in, from the store or the node's remote, as a bundle is: as the next version of its model, or of the one named. Everything is checked; nothing is promoted.")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .RequireRateLimiting(Limiter).NeedsRun();
        models.MapPost("/imports", ImportAsync)
            .WithSummary("Takes a bundle in as the next version of its model, or of the one named. Everything is checked and the network is run once before; nothing is promoted.")
            .Accepts<Stream>(ContentType, "application/octet-stream")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType).Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RequestSizeLimitAttribute(options.Bundles.Bytes))
            .RequireRateLimiting(Limiter).NeedsRun();
    }

    private static async Task<IResult> ExportAsync(string name, int version, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        var (found, run) = await FindAsync(grains, name, version);
        var file = await Task.Run(() => bundles.Pack(found, run, cancellationToken), cancellationToken);
        return Results.Stream(file, ContentType, $"{name}-{version}{BundleFile.Extension}");
    }

    private static async Task<ModelObject> StoreAsync(string name, int version, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        // What was told once stays what it's called, though this LipSol would write another bundle.json.
        var model = await ModelRequests.GetAsync(grains, name);
        if (model.Objects.GetValueOrDefault(ModelRequests.Version(model, version).Version)?.FirstOrDefault(bundles.Has) is { } kept) return new ModelObject(name, version, kept);
        var (found, run) = await FindAsync(grains, name, version);
        var hash = await Task.Run(() => bundles.Store(found, run), cancellationToken);
        await grains.GetGrain<IModelGrain>(name).KeepObjectAsync(version, hash);
        return new ModelObject(name, version, hash);
    }

    private static async Task<(Contracts.Models.ModelVersion Version, RunRecord? Run)> FindAsync(IGrainFactory grains, string name, int version)
    {
        var found = ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
        return (found, found.Origin is null ? await grains.GetGrain<IRunGrain>(found.RunId).GetAsync() : null);
    }

    private static async Task<ImportedModel> TakeInAsync(string hash, [FromQuery] string? name, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        if (!ArtifactHash.IsValid(hash) || !ArtifactHash.IsFolder(hash)) throw ApiException.BadRequest($"\"{hash}\" is not a model version's object: 32 lower-case hexadecimal digits and .dir, as `lipsol data push --model` says it.");
        if (name is not null) Names.Require(name, "The model's name");
        var (bundle, import) = await bundles.TakeInAsync(hash, cancellationToken);
        return await RegisterAsync(grains, name ?? bundle.Model, import);
    }

    private static async Task<ImportedModel> ImportAsync(HttpRequest request, [FromQuery] string? name, IGrainFactory grains, ModelBundles bundles, CancellationToken cancellationToken)
    {
        if (name is not null) Names.Require(name, "The model's name");
        var (bundle, import) = await bundles.ReceiveAsync(request.Body, cancellationToken);
        return await RegisterAsync(grains, name ?? bundle.Model, import);
    }

    private static async Task<ImportedModel> RegisterAsync(IGrainFactory grains, string target, ModelImport import)
    {
        Names.Require(target, "The name of the bundle's model (name another with ?name=)");
        var before = (await grains.GetGrain<IModelGrain>(target).GetAsync())?.Versions.Count ?? 0;
        var version = await grains.GetGrain<IModelGrain>(target).ImportAsync(import);
        return new ImportedModel(version.ToMessage(), version.Version <= before);
    }
}
