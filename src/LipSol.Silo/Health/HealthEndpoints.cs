using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Silo.Http;
using LipSol.Silo.Node;

namespace LipSol.Silo.Health;

/// <summary>Whether the node lives, and whether it can work. The only answers that need no token; they tell nothing else.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).WithTags("Node").WithSummary("The process answers.").AllowAnonymous().Produces<string>(StatusCodes.Status200OK, "text/plain");
        app.MapGet("/health/ready", ReadyAsync).WithTags("Node").WithSummary("The cluster and its storage answer.").AllowAnonymous().Produces<string>(StatusCodes.Status200OK, "text/plain").Refuses(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(IGrainFactory grains, NodeOptions options, ILogger<Program> log, CancellationToken cancellationToken)
    {
        try
        {
            // Through the grains into the database, and into the data folder.
            await grains.GetGrain<ISchedulerGrain>(0).GetAsync().WaitAsync(Patience, cancellationToken);
            await grains.GetGrain<IRunHistoryGrain>(0).ListAsync(new RunQuery(null, null, 0, 1)).WaitAsync(Patience, cancellationToken);
            if (!Directory.Exists(options.ArtifactFolder)) throw new DirectoryNotFoundException("The artifact folder is gone.");
            return Results.Text("ready\n");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "Not ready.");
            return Results.Json(new Problem("about:blank", "Service Unavailable", 503, "The node isn't ready: its cluster or its storage doesn't answer. Its log says why.", "unavailable"),
                LipSolJson.Options, "application/problem+json", StatusCodes.Status503ServiceUnavailable);
        }
    }
}
