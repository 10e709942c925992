using Microsoft.AspNetCore.Diagnostics;

namespace LipSol.Silo.Telemetry;

/// <summary>Counts requests by endpoint and outcome.</summary>
internal sealed class RequestSignals(RequestDelegate next)
{
    private static readonly object ReasonKey = new();

    /// <summary>Notes why a request is refused: the <c>reason</c> of its answer.</summary>
    public static void Refused(HttpContext context, string reason) => context.Items[ReasonKey] = reason;

    /// <summary>The pattern of the endpoint that answers. What an address names otherwise, it may be anything, isn't told.</summary>
    public static string Route(HttpContext context) =>
        // Where an error is answered, the endpoint is put aside.
        (context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint) is RouteEndpoint { RoutePattern.RawText: { } route } ? "/" + route.Trim('/') : "other";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            // Errors are answers by now: the handler that makes them so is inside.
            Signals.Answered(Route(context), context.RequestAborted.IsCancellationRequested ? "aborted" : Outcome(context.Response.StatusCode), context.Items[ReasonKey] as string);
        }
    }

    private static string Outcome(int status) => status switch
    {
        < 400 => "done",
        StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable => "busy",
        < 500 => "refused",
        _ => "failed",
    };
}
