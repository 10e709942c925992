using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Silo.Serving;
using LipSol.Silo.Transcriptions;
using Microsoft.AspNetCore.Mvc;
using ModelVersion = LipSol.Contracts.Models.ModelVersion;
using Saliency = LipSol.Client.Saliency;

namespace LipSol.Silo.Models.Saliencies;

/// <summary>What a version looks at, over HTTP.</summary>
internal static class SaliencyEndpoints
{
    /// <summary>The rate limiter's policy: one at a time, since each takes some hundred passes through the network.</summary>
    public const string Limiter = "saliency";

    public static void MapSaliency(this RouteGroupBuilder models, NodeOptions options)
    {
        models.MapPost("/{name}/saliency", OfUploadAsync).WithSummary("What a version looks at in a clip that is sent: parts are covered, and what was read is weighed again.")
            .Accepts<TranscriptionForm>("multipart/form-data")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType).Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RequestSizeLimitAttribute(options.Uploads.Bytes + (1 << 20)))
            .RequireRateLimiting(Limiter).NeedsRead();
        models.MapGet("/{name}/versions/{version:int}/saliency", OfSampleAsync).WithSummary("What a version looks at in a sample of a corpus (clip, or clip#n for its n-th word).")
            .Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .RequireRateLimiting(Limiter).NeedsRead();
    }

    private static async Task<Saliency> OfUploadAsync(string name, HttpRequest request, NodeOptions options, IGrainFactory grains, IClipCropper cropper, ModelRuntime runtime, CancellationToken cancellationToken)
    {
        using var upload = await ClipUpload.ReceiveAsync(request, options, cancellationToken);
        var version = ModelRequests.VersionOrProduction(await ModelRequests.GetAsync(grains, name), upload.Version);
        var clip = await ClipOpening.OpenAsync(upload, cropper, options, cancellationToken);
        using var file = new MemoryStream(clip.MouthClip, writable: false);
        var mouth = MouthClipFile.Read(file);
        return await LookAsync(runtime, version, model => model.Prepare(mouth, upload.Start, upload.End), mouth, null, cancellationToken);
    }

    private static async Task<Saliency> OfSampleAsync(string name, int version, [FromQuery] string corpus, [FromQuery] string clip, IGrainFactory grains, CorpusLibrary corpora, FolderArtifactStore store, ModelRuntime runtime, CancellationToken cancellationToken)
    {
        var found = ModelRequests.Version(await ModelRequests.GetAsync(grains, name), version);
        var (entry, manifest) = Clip(corpora.Get(corpus).Corpus.Manifest, clip);
        using var file = store.OpenRead(entry.MouthClip!);
        var mouth = MouthClipFile.Read(file);
        var sample = await runtime.UseAsync(found.Outcome.ModelArtifact, model => TestSplit.Samples(model.Manifest, manifest, entry.Split).FirstOrDefault(s => s.Unread.Id == clip || s.Clip.Id == clip), cancellationToken)
            ?? throw ApiException.NotFound($"Clip {entry.Id} of {corpus} has nothing that this model reads, or no word {clip[entry.Id.Length..]}.");
        return await LookAsync(runtime, found, model => sample.Prepare(model, mouth), mouth, sample.Unread.Expected, cancellationToken);
    }

    private static (CorpusClip Clip, CorpusManifest Corpus) Clip(CorpusManifest corpus, string id)
    {
        var clip = corpus.Clips.FirstOrDefault(c => c.Id == id) ?? corpus.Clips.FirstOrDefault(c => id.StartsWith(c.Id + "#", StringComparison.Ordinal)) ?? throw ApiException.NotFound($"Corpus {corpus.Name} has no clip {id}.");
        return clip.MouthClip is not null ? (clip, corpus) : throw ApiException.NotFound($"Clip {clip.Id} has no mouth clip{(clip.Refused is { } reason ? $": it was refused. {reason}" : " yet: prepare the corpus first.")}");
    }

    private static async Task<Saliency> LookAsync(ModelRuntime runtime, ModelVersion version, Func<LoadedModel, PreparedClip> prepare, MouthClip mouth, string? said, CancellationToken cancellationToken)
    {
        var (clip, found) = await runtime.UseAsync(version.Outcome.ModelArtifact, model =>
        {
            var prepared = prepare(model);
            return (prepared, OcclusionSaliency.Of(model, prepared, cancellationToken: cancellationToken));
        }, cancellationToken);
        // The network's frame t lies (t + ½ − T/2) frames from the middle of what is read.
        var first = (clip.Start + clip.End) / 2 + (0.5 - found.Frames / 2.0) / mouth.FramesPerSecond;
        return new Saliency
        {
            Model = version.Model,
            Version = version.Version,
            RunId = version.RunId,
            DataHash = version.DataHash,
            Said = said,
            Text = found.Reading.Text,
            Confidence = found.Reading.Confidence,
            Evidence = found.Evidence,
            Where = [.. found.Where_HW.Chunk(found.Size)],
            When = [.. found.When_T.Select((fall, t) => new FrameSaliency(Math.Round(first + t / mouth.FramesPerSecond, 4), fall, found.InWord_T[t]))],
            MouthShare = found.MouthShare,
            MouthArea = found.MouthArea,
            Picture = SaliencyPicture.Png(found),
        };
    }
}
