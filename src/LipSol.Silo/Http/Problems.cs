using System.Globalization;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Corpus;
using LipSol.Grains.Nodes;
using LipSol.Grains.Runs.Search;
using LipSol.Inference;
using LipSol.Silo.Workers;
using LipSol.Storage;
using LipSol.WorkerProtocol;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace LipSol.Silo.Http;

/// <summary>Tells errors as problem details (RFC 9457) whose <c>detail</c> says what to do and whose <c>reason</c> tells programs the kind.</summary>
internal sealed class Problems(ILogger<Problems> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (context.RequestAborted.IsCancellationRequested) return true;
        var (status, reason, detail) = Describe(exception);
        // A node or the database that is away is told once by whoever watches it; every request that meets it needs no stack.
        if (status == StatusCodes.Status503ServiceUnavailable) log.LogWarning("{Method} {Path} can't be answered now: {Reason}", context.Request.Method, Told(context), exception.Message.Split('\n')[0]);
        else if (status >= 500) log.LogError(exception, "{Method} {Path} failed.", context.Request.Method, Told(context));
        // A sender that isn't read any more breaks off before it reads why: the server lets what is on its way come for some seconds, unless that is too much for it too.
        if (status == StatusCodes.Status413PayloadTooLarge && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = null;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = RetryAfter(exception);
        await WriteAsync(context, status, reason, detail);
        return true;
    }

    public static Task WriteAsync(HttpContext context, int status, string reason, string detail)
    {
        Telemetry.RequestSignals.Refused(context, reason);
        context.Response.StatusCode = status;
        var problem = new Problem("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, reason);
        return context.Response.WriteAsJsonAsync(problem, LipSolJson.Options, "application/problem+json", context.RequestAborted);
    }

    /// <summary>An error as a problem document tells it.</summary>
    public static Problem Of(Exception exception)
    {
        var (status, reason, detail) = Describe(exception);
        return new Problem("about:blank", ReasonPhrases.GetReasonPhrase(status), status, detail, reason);
    }

    /// <summary>The address as it's logged: what stands for a file in it is left out.</summary>
    private static string Told(HttpContext context) => Telemetry.RequestSignals.Route(context) is var route && route.Contains("{*", StringComparison.Ordinal) ? route : context.Request.Path;

    private static (int Status, string Reason, string Detail) Describe(Exception exception) => exception switch
    {
        ApiException e => (e.Status, e.Reason, e.Message),
        RunSearchException e => (StatusCodes.Status400BadRequest, "bad-search", e.Message),
        UnusableClipException e => (Status(e.Reason), Kebab(e.Reason), e.Message),
        UnreadableInputException e => (StatusCodes.Status422UnprocessableEntity, e.Reason ?? "unreadable", e.Message),
        UnusableBundleException e => (e.Reason == BundleProblem.TooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity, Kebab(e.Reason), e.Message),
        RefusedException e => (StatusCodes.Status409Conflict, "refused", e.Message),
        ArtifactNotFoundException e => (StatusCodes.Status404NotFound, "not-found", e.Message),
        ArtifactStoreFullException e => (StatusCodes.Status507InsufficientStorage, "disk-full", e.Message),
        _ when StorageErrors.IsDiskFull(exception) || exception is DiskFullException || (exception is IOException io && DurableFile.IsDiskFull(io)) => (StatusCodes.Status507InsufficientStorage, "disk-full", DiskFullException.Advice),
        CorpusNotFoundException e => (StatusCodes.Status404NotFound, "not-found", e.Message),
        CropperBusyException e => (StatusCodes.Status429TooManyRequests, "overloaded", e.Message),
        WorkerStartException e => (StatusCodes.Status503ServiceUnavailable, "no-worker", e.Message),
        OverloadedException e => (StatusCodes.Status429TooManyRequests, "overloaded", e.Message),
        TooLateException e => (StatusCodes.Status504GatewayTimeout, "too-late", e.Message),
        Orleans.Runtime.LimitExceededException => (StatusCodes.Status429TooManyRequests, "overloaded", "The node has more requests than it can take. Try again in a moment."),
        _ when StorageErrors.IsUnavailable(exception) => (StatusCodes.Status503ServiceUnavailable, "unavailable", "The database can't be reached, or doesn't answer just now. Try again in a moment."),
        _ when ClusterErrors.IsPassing(exception) => (StatusCodes.Status503ServiceUnavailable, "unavailable", "The node did not answer in time: it may be starting, stopping or overloaded. Try again in a moment."),
        BadHttpRequestException e when e.StatusCode == StatusCodes.Status413PayloadTooLarge => (e.StatusCode, "too-large", "The request's body is larger than this node accepts."),
        BadHttpRequestException e when e.StatusCode == StatusCodes.Status408RequestTimeout => (e.StatusCode, "too-slow", "The request's body came too slowly, and was given up. Send it again over a faster connection."),
        BadHttpRequestException e => (e.StatusCode, "bad-request", e.InnerException is System.Text.Json.JsonException json ? $"The body is not the JSON that is expected here: {json.Message}" : e.Message),
        InvalidDataException e => (StatusCodes.Status400BadRequest, "bad-request", e.Message),
        _ => (StatusCodes.Status500InternalServerError, "internal", "The node failed to answer; its log says why."),
    };

    // Whole seconds (RFC 9110, 10.2.3); 0 would be "at once".
    private static string RetryAfter(Exception exception) =>
        (exception is OverloadedException e ? Math.Clamp(Math.Ceiling(e.RetryAfter.TotalSeconds), 1, 60) : 2).ToString(CultureInfo.InvariantCulture);

    private static int Status(UnusableReason reason) => reason is UnusableReason.TooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity;

    /// <summary><c>NoFace</c> → <c>no-face</c>.</summary>
    public static string Kebab<T>(T reason) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
}

/// <summary>There is no room on the node's disk for what a request needs.</summary>
internal sealed class DiskFullException() : Exception(Advice)
{
    public const string Advice = "The node's disk is full, so nothing can be written or uploaded. What was acknowledged is kept. Free some space on the disk of its data folder, and send the request again.";
}

/// <summary>A request that the HTTP API itself turns down.</summary>
internal sealed class ApiException(int status, string reason, string message) : Exception(message)
{
    public int Status { get; } = status;
    public string Reason { get; } = reason;

    public static ApiException NotFound(string message) => new(StatusCodes.Status404NotFound, "not-found", message);
    public static ApiException BadRequest(string message) => new(StatusCodes.Status400BadRequest, "bad-request", message);
    public static ApiException Unprocessable(string reason, string message) => new(StatusCodes.Status422UnprocessableEntity, reason, message);
}
