using System.Diagnostics;

namespace LipSol.Silo.Http;

/// <summary>When a request came: before it waited for anything.</summary>
internal static class RequestArrival
{
    private static readonly object Key = new();

    /// <summary>Notes it. The first of the pipeline.</summary>
    public static void UseRequestArrival(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Items[Key] = Stopwatch.GetTimestamp();
        return next(context);
    });

    /// <summary>How long ago that was.</summary>
    public static TimeSpan Ago(HttpContext context) => context.Items[Key] is long came ? Stopwatch.GetElapsedTime(came) : TimeSpan.Zero;
}
