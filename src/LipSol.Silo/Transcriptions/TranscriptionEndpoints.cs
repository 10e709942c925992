using System.Diagnostics;
using System.Globalization;
using LipSol.Client;
using LipSol.Silo.Access;
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

    private const string Address = "/api/v1/transcriptions";
    private static readonly string[] Answers = ["text/plain", "application/x-subrip", "text/vtt"];

    public static void MapTranscriptions(this IEndpointRouteBuilder api, NodeOptions options)
    {
        var transcriptions = api.MapGroup("/transcriptions").WithTags("Transcriptions").NeedsRead();
        // The receiver counts the clips and says which is too large; what more a sender has on its way is let come, or it would break off before it reads that.
        static RequestSizeLimitAttribute BodyOf(long clips) => new(4 * clips + (1 << 20));
        transcriptions.MapPost("", TranscribeAsync)
            .WithSummary("Reads a video, a mouth clip or the pictures of a recording, with the model in production.")
            .WithDescription(string.Create(CultureInfo.InvariantCulture, $"Send a video, or a mouth clip (application/x-npz), as the body; or one of the parts clip (a video), mouthClip (an .npz) and frames (pictures, with framesPerSecond). start and end, in seconds, say where the word is, where that is known. A video has at most {options.Uploads.Bytes >> 20} MB, {options.Uploads.Seconds:0.#} seconds and {options.Uploads.Pixels} pixels a frame, and may take {options.Uploads.ProcessingSeconds:0.#} seconds to crop: what is over a limit is refused before it's decoded, as far as the file says. A clip longer than a model of sentences was trained on is read in windows, and notes say so. With async=true (or Prefer: respond-async) the answer is 202 with the address at which to look for it."))
            .TakesClips(bodies: true)
            .Produces<Transcription>(StatusCodes.Status200OK, "application/json", Answers)
            .Produces<TranscriptionJob>(StatusCodes.Status202Accepted)
            .Refuses(StatusCodes.Status408RequestTimeout).Refuses(StatusCodes.Status409Conflict)
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType)
            .Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests).Refuses(StatusCodes.Status504GatewayTimeout)
            .WithMetadata(BodyOf(options.Uploads.Bytes))
            .RequireRateLimiting(Limiter);
        transcriptions.MapPost("/batches", TranscribeSeveralAsync)
            .WithSummary("Takes several clips, each of which is answered by itself: one that can't be read fails alone. They are read behind what others wait for.")
            .WithDescription(string.Create(CultureInfo.InvariantCulture, $"Send up to {options.Uploads.BatchClips} parts clip and mouthClip, {options.Uploads.BatchBytes >> 20} MB together; the fields hold for all of them."))
            .TakesClips(bodies: false)
            .Produces<TranscriptionBatch>(StatusCodes.Status202Accepted)
            .Refuses(StatusCodes.Status408RequestTimeout).Refuses(StatusCodes.Status409Conflict)
            .Refuses(StatusCodes.Status413PayloadTooLarge).Refuses(StatusCodes.Status415UnsupportedMediaType)
            .Refuses(StatusCodes.Status422UnprocessableEntity).Refuses(StatusCodes.Status429TooManyRequests)
            .WithMetadata(BodyOf(options.Uploads.BatchBytes))
            .RequireRateLimiting(Limiter);
        transcriptions.MapGet("/{id}", GetAsync).WithSummary("How far a transcription is and, once it has ended, what came of it; as text or subtitles by format or Accept once it's done.")
            .Produces<TranscriptionJob>(StatusCodes.Status200OK, "application/json", Answers)
            .Refuses(StatusCodes.Status404NotFound).Refuses(StatusCodes.Status409Conflict);
        transcriptions.MapDelete("/{id}", DeleteAsync)
            .WithSummary("Deletes a transcription; one that is under way is ended.")
            .Produces(StatusCodes.Status204NoContent).Refuses(StatusCodes.Status404NotFound);
        transcriptions.MapPost("/{id}/cancel", CancelAsync).WithSummary("Ends one that is under way, on whichever node; one that has ended stays as it is.")
            .Produces<TranscriptionJob>().Refuses(StatusCodes.Status404NotFound);
        transcriptions.MapGet("/batches/{id}", (string id, HttpContext context, TranscriptionKeeper keeper, CancellationToken cancellationToken) => keeper.GetBatchAsync(id, Caller.Of(context), cancellationToken))
            .WithSummary("How far the clips of a batch are and, of those that have ended, what came of them.")
            .Refuses(StatusCodes.Status404NotFound);
        transcriptions.MapPost("/batches/{id}/cancel", CancelBatchAsync).WithSummary("Ends what of a batch is under way.")
            .Produces<TranscriptionBatch>().Refuses(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> TranscribeAsync(HttpContext context, NodeOptions options, ServedModels models, ClipTranscriber transcriber, TranscriptionKeeper keeper, TranscriptionJobs jobs, CancellationToken cancellationToken)
    {
        var (request, begun) = (context.Request, Stopwatch.GetTimestamp());
        using var upload = await ClipUpload.ReceiveAsync(request, options, cancellationToken);
        var format = AnswerFormats.Choose(upload.Format, request.Headers.Accept.ToString());
        // Only a preference (RFC 7240, 2): where nothing is kept to come back for, it's answered at once.
        var preferred = keeper.Keeps && request.Headers["Prefer"].Any(p => p is not null && p.Split(',').Any(v => v.Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase)));
        var wish = await ReadingWish.OfAsync(upload, bulk: upload.IsAsync || preferred, models, context);
        var arrived = Stopwatch.GetTimestamp();
        var received = Stopwatch.GetElapsedTime(begun, arrived);
        if (wish.Bulk)
        {
            var job = (await jobs.EnterAsync(upload, wish, received, RequestArrival.Ago(context), null, cancellationToken))[0];
            if (preferred) context.Response.Headers["Preference-Applied"] = "respond-async";
            return Accepted(context, $"{Address}/{job.Id}", job);
        }
        var deadline = new AnswerDeadline(wish.Within, () => RequestArrival.Ago(context));
        var cropped = await transcriber.OpenAsync(upload.Clip, wish, deadline, null, cancellationToken);
        var read = await transcriber.ReadAsync(TranscriptionKeeper.NewId(), cropped, wish, deadline, received, Stopwatch.GetElapsedTime(arrived), null, cancellationToken);
        read = await keeper.KeepAsync(read, wish.Owner, cancellationToken);
        // A text has no room for what stands behind it: it's there.
        if (read.KeptUntil is not null) context.Response.Headers.ContentLocation = $"{Address}/{read.Id}";
        return Answer(read, format) ?? Results.Ok(read);
    }

    private static async Task<IResult> TranscribeSeveralAsync(HttpContext context, NodeOptions options, ServedModels models, TranscriptionJobs jobs, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var upload = await ClipUpload.ReceiveSeveralAsync(context.Request, options, cancellationToken);
        var wish = await ReadingWish.OfAsync(upload, bulk: true, models, context);
        var id = TranscriptionKeeper.NewId();
        var entered = await jobs.EnterAsync(upload, wish, Stopwatch.GetElapsedTime(begun), RequestArrival.Ago(context), id, cancellationToken);
        return Accepted(context, $"{Address}/batches/{id}", TranscriptionKeeper.Batch(id, entered));
    }

    private static async Task<IResult> GetAsync(string id, [FromQuery] string? format, HttpContext context, TranscriptionKeeper keeper, CancellationToken cancellationToken)
    {
        var wanted = AnswerFormats.Choose(format, context.Request.Headers.Accept.ToString());
        var job = await keeper.GetAsync(id, Caller.Of(context), cancellationToken);
        if (wanted == AnswerFormat.Json) return Results.Ok(job);
        return job.Transcription is { } read ? Answer(read, wanted)!
            : throw new ApiException(StatusCodes.Status409Conflict, "not-done", $"Transcription {id} is {job.State.ToString().ToLowerInvariant()}, so there is no text. {(job.HasEnded ? job.Problem?.Detail : "Ask for it as JSON to see how far it is.")}");
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, TranscriptionKeeper keeper, TranscriptionJobs jobs, CancellationToken cancellationToken)
    {
        await keeper.DeleteAsync(id, Caller.Of(context), cancellationToken);
        await jobs.CancelAsync(id);
        return Results.NoContent();
    }

    private static async Task<TranscriptionJob> CancelAsync(string id, HttpContext context, TranscriptionKeeper keeper, TranscriptionJobs jobs, CancellationToken cancellationToken)
    {
        await keeper.GetAsync(id, Caller.Of(context), cancellationToken);
        await keeper.AskForEndAsync(id, cancellationToken);
        await jobs.CancelAsync(id);
        return await keeper.GetAsync(id, Caller.Of(context), cancellationToken);
    }

    private static async Task<TranscriptionBatch> CancelBatchAsync(string id, HttpContext context, TranscriptionKeeper keeper, TranscriptionJobs jobs, CancellationToken cancellationToken)
    {
        foreach (var job in (await keeper.GetBatchAsync(id, Caller.Of(context), cancellationToken)).Transcriptions.Where(j => !j.HasEnded))
        {
            await keeper.AskForEndAsync(job.Id, cancellationToken);
            await jobs.CancelAsync(job.Id);
        }
        return await keeper.GetBatchAsync(id, Caller.Of(context), cancellationToken);
    }

    private static IResult Accepted<T>(HttpContext context, string address, T body)
    {
        context.Response.Headers.RetryAfter = "1";
        return Results.Accepted(address, body);
    }

    private static IResult? Answer(Transcription read, AnswerFormat format) => format switch
    {
        AnswerFormat.Text => Results.Text(read.Text + "\n", "text/plain; charset=utf-8"),
        AnswerFormat.Srt => Results.Text(Subtitles.Srt(read), "application/x-subrip; charset=utf-8"),
        AnswerFormat.Vtt => Results.Text(Subtitles.Vtt(read), "text/vtt; charset=utf-8"),
        _ => null,
    };
}
