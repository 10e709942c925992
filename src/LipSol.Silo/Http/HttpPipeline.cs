using LipSol.Silo.Access;
using LipSol.Silo.Artifacts;
using LipSol.Silo.Corpora;
using LipSol.Silo.Health;
using LipSol.Silo.Models;
using LipSol.Silo.Models.Evaluations;
using LipSol.Silo.Networks;
using LipSol.Silo.Node;
using LipSol.Silo.Pipelines;
using LipSol.Silo.Runs;
using LipSol.Silo.Searches;
using LipSol.Silo.Streaming;
using LipSol.Silo.Telemetry;
using LipSol.Silo.Transcriptions;
using Orleans.Dashboard;
using Scalar.AspNetCore;

namespace LipSol.Silo.Http;

/// <summary>What a request passes through, in order.</summary>
internal static class HttpPipeline
{
    public static void Use(WebApplication app, NodeOptions options)
    {
        app.UseRequestArrival();
        app.UseMiddleware<RequestSignals>();
        app.UseExceptionHandler();
        app.UseStatusCodePages(async context =>
        {
            var status = context.HttpContext.Response.StatusCode;
            await Problems.WriteAsync(context.HttpContext, status, status == StatusCodes.Status404NotFound ? "not-found" : "bad-request",
                $"{context.HttpContext.Request.Method} {context.HttpContext.Request.Path} is nothing that this node answers. The page /docs shows what it does.");
        });
        app.UseMiddleware<TokenGuard>();
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file =>
            {
                file.Context.Response.Headers.CacheControl = "no-cache";
                file.Context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
            },
        });
        app.UseRouting();
        app.UseAuthorization();
        app.UseRateLimiter();
        app.UseLettingGo();
        // A caller that has vanished without a word is noticed by its silence.
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(15) });

        app.MapHealth();
        app.MapPrometheusScrapingEndpoint(TelemetryServices.MetricsPath).NeedsRead();
        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<ClusterSignals>().Prepare);
        var api = app.MapGroup("/api/v1").RefusesAsAll();
        api.MapNode(app.Services.GetRequiredService<TimeProvider>());
        api.MapNodes();
        api.MapTokens();
        api.MapCorpora();
        api.MapRuns();
        api.MapRunEvaluation();
        api.MapNetworks();
        api.MapSearches();
        api.MapPipelines();
        api.MapModels(options);
        api.MapArtifacts(options);
        api.MapTranscriptions(options);
        api.MapStream();
        app.MapOrleansDashboard("/dashboard").ExcludeFromDescription().NeedsAdmin();
        app.MapOpenApi("/openapi/{documentName}.json").NeedsRead();
        // The page's script is in the package; fonts, telemetry and assistants from elsewhere stay off.
        app.MapScalarApiReference("/docs", page => page.WithTitle("LipSol HTTP API").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp()
            .HideClientButton().HideDeveloperTools().WithOpenApiRoutePattern("/openapi/{documentName}.json")).NeedsRead();
    }
}
