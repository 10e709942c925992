using LipSol.Artifacts;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace LipSol.Silo.Artifacts;

/// <summary>Artifacts over HTTP, by hash.</summary>
internal static class ArtifactEndpoints
{
    /// <summary>The rate limiter's policy: a few files arrive at a time.</summary>
    public const string Limiter = "artifacts";

    public static void MapArtifacts(this IEndpointRouteBuilder api, NodeOptions options)
    {
        var artifacts = api.MapGroup("/artifacts").WithTags("Artifacts").Refuses(StatusCodes.Status404NotFound);
        artifacts.MapPost("", (HttpRequest request, [FromQuery] string? md5, FolderArtifactStore store, CancellationToken cancellationToken) => ArtifactUpload.ReceiveAsync(request.Body, md5, store, options, cancellationToken))
            .WithSummary("Takes a file into the store and answers its hash. With ?md5= it's stored only if it arrived as that. The same file again changes nothing.")
            .Accepts<Stream>("application/octet-stream", "*/*")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RequestSizeLimitAttribute(options.ArtifactBytes))
            .RequireRateLimiting(Limiter).NeedsRun();
        artifacts.MapGet("/{hash}", (string hash, FolderArtifactStore store) => Send(store, Check(hash), ArtifactHash.IsFolder(hash) ? "application/json" : "application/octet-stream"))
            .WithSummary("The bytes of a file artifact; of a folder artifact (….dir): the list of its files.").NeedsRead()
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream");
        artifacts.MapGet("/{hash}/{**path}", (string hash, string path, FolderArtifactStore store) => SendFile(store, Check(hash), path))
            .WithSummary("A file of a folder artifact.").NeedsRead()
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream");
    }

    private static IResult SendFile(FolderArtifactStore store, string hash, string path)
    {
        if (!ArtifactHash.IsFolder(hash)) throw ApiException.BadRequest($"{hash} is a file, not a folder: a folder's hash ends with .dir.");
        var entry = store.ReadFolder(hash).Entries.FirstOrDefault(e => e.RelativePath == path)
            ?? throw ApiException.NotFound($"The artifact {hash} holds no {path}.");
        return Send(store, entry.Md5, "application/octet-stream");
    }

    private static IResult Send(FolderArtifactStore store, string hash, string contentType) =>
        // What a hash names never changes, so caches may keep it, and downloads may go on where they broke off.
        Results.Stream(store.OpenRead(hash), contentType, entityTag: new EntityTagHeaderValue($"\"{hash}\""), enableRangeProcessing: true);

    private static string Check(string hash) => ArtifactHash.IsValid(hash) ? hash
        : throw ApiException.BadRequest($"\"{hash}\" is not an artifact's hash: 32 lower-case hexadecimal digits, and .dir for a folder.");
}
