using System.Diagnostics;
using System.Globalization;
using LipSol.Client;
using LipSol.Contracts.Serving;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using LipSol.Silo.Node;
using Microsoft.AspNetCore.Mvc;

namespace LipSol.Silo.Transcriptions;

/// <summary>Reads clips over HTTP.</summary>
internal static class TranscriptionEndpoints
{
    /// <summary>The rate limiter's policy for uploads.</summary>
    public const string Limiter = "uploads";

    public static void MapTranscriptions(this IEndpointRouteBuilder api, NodeOptions options) =>
        api.MapPost("/transcriptions", TranscribeAsync).WithTags("Transcriptions")
            .WithSummary("Reads a video, or a mouth clip, with the model in production.")
            .WithDescription(string.Create(CultureInfo.InvariantCulture, $"Send one of the parts clip (a video) and mouthClip (an .npz). start and end, in seconds, say where the word is, where that is known. A video has at most {options.Uploads.Bytes >> 20} MB, {options.Uploads.Seconds:0.#} seconds and {options.Uploads.Pixels} pixels a frame, and may take {options.Uploads.ProcessingSeconds:0.#} seconds to crop: what is over a limit is refused before it's decoded, as far as the file says. A clip longer than a model of sentences was trained on is read in windows, and notes say so."))
            .Accepts<TranscriptionForm>("multipart/form-data")
            .Produces<Transcription>(StatusCodes.Status200OK, "application/json", "text/plain", "application/x-subrip", "text/vtt")
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType)
            .Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(new RequestSizeLimitAttribute(options.Uploads.Bytes + (1 << 20)))
            .RequireRateLimiting(Limiter);

    private static async Task<IResult> TranscribeAsync(HttpRequest request, NodeOptions options, ServedModels models, IGrainFactory grains, IClipCropper cropper, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var upload = await ClipUpload.ReceiveAsync(request, options, cancellationToken);
        var format = AnswerFormats.Choose(upload.Format ?? request.Query["format"].FirstOrDefault(), request.Headers.Accept.ToString());
        var decoder = upload.Decoder;
        var model = await models.FindAsync(upload.Model, upload.Version);
        var received = Stopwatch.GetElapsedTime(begun);

        var clip = await ClipOpening.OpenAsync(upload, cropper, options, cancellationToken);
        var cropped = Stopwatch.GetElapsedTime(begun) - received;
        var asked = new ReadRequest(clip.MouthClip, upload.Start, upload.End, decoder) { RequestId = Callers.RequestIdOf(request.HttpContext), Caller = Callers.KeyOf(request.HttpContext) };
        var reading = await grains.GetGrain<IModelReaderGrain>(model).ReadAsync(asked, upload.Version);
        return Answer(ToMessage(reading, clip, new Dictionary<string, double>
        {
            ["receive"] = Round(received),
            ["crop"] = Round(cropped),
            ["network"] = Math.Round(reading.NetworkMilliseconds, 2),
            ["total"] = Round(Stopwatch.GetElapsedTime(begun)),
        }), format);
    }

    private static IResult Answer(Transcription read, AnswerFormat format) => format switch
    {
        AnswerFormat.Text => Results.Text(read.Text + "\n", "text/plain; charset=utf-8"),
        AnswerFormat.Srt => Results.Text(Subtitles.Srt(read), "application/x-subrip; charset=utf-8"),
        AnswerFormat.Vtt => Results.Text(Subtitles.Vtt(read), "text/vtt; charset=utf-8"),
        _ => Results.Ok(read),
    };

    private static Transcription ToMessage(Reading reading, CroppedClip clip, Dictionary<string, double> milliseconds) => new()
    {
        Id = Guid.CreateVersion7().ToString("N"),
        Text = reading.Text,
        Confidence = reading.Confidence,
        Words = [.. reading.Words.Select(w => new TranscribedWord(w.Word, w.Start, w.End, w.Confidence))],
        Alternatives = [.. reading.Alternatives.Select(a => new TranscriptionAlternative(a.Text, a.Confidence) { Score = a.Score })],
        LookAlike = reading.LookAlike,
        Decoder = reading.Decoder,
        Notes = [.. clip.Notes, .. reading.Notes],
        Provenance = new Provenance
        {
            Model = reading.Model,
            Version = reading.Version,
            RunId = reading.RunId,
            DataHash = reading.DataHash,
            CodeVersion = NodeVersion.Text,
            Synthetic = reading.Synthetic,
            Device = reading.Device,
            Node = reading.Node,
            Frames = clip.Frames,
            FramesTracked = clip.Frames == 0 ? 0 : clip.TrackedFrames / (double)clip.Frames,
            Milliseconds = milliseconds,
        },
    };

    private static double Round(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}

/// <summary>The parts of the request, for the OpenAPI document.</summary>
internal sealed record TranscriptionForm
{
    /// <summary>A video.</summary>
    public IFormFile? Clip { get; init; }
    /// <summary>A mouth clip (.npz), as <c>lipsol crop</c> writes it.</summary>
    public IFormFile? MouthClip { get; init; }
    /// <summary>The model; needed where several are in production.</summary>
    public string? Model { get; init; }
    /// <summary>The version; the one in production where not given.</summary>
    public int? Version { get; init; }
    /// <summary>Start of the word in seconds, where known.</summary>
    public double? Start { get; init; }
    /// <summary>End of the word in seconds, where known.</summary>
    public double? End { get; init; }
    /// <summary>What reads a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; the model's default where not given.</summary>
    public string? Decoder { get; init; }
    /// <summary><c>json</c>, <c>text</c>, <c>srt</c> or <c>vtt</c>; by the Accept header where not given.</summary>
    public string? Format { get; init; }
}
