using System.Globalization;
using System.Threading.RateLimiting;
using LipSol.Client;
using LipSol.Corpus;
using LipSol.Grains;
using LipSol.Grains.Ports;
using LipSol.Silo.Access;
using LipSol.Silo.Artifacts;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using LipSol.Silo.Models.Bundles;
using LipSol.Silo.Models.Saliencies;
using LipSol.Silo.Pipelines;
using LipSol.Silo.Runs;
using LipSol.Silo.Runs.Pretrained;
using LipSol.Silo.Serving;
using LipSol.Silo.Streaming;
using LipSol.Silo.Telemetry;
using LipSol.Silo.Transcriptions;
using LipSol.Silo.Workers;
using LipSol.Storage;
using LipSol.WorkerProtocol;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace LipSol.Silo.Node;

/// <summary>Puts a node together.</summary>
internal static class NodeComposition
{
    // Requests that may wait for one grain; more are answered with 429 instead of piling up until they time out.
    private const int RequestsPerGrain = 1000;

    public static WebApplication Build(NodeOptions options, AccessToken token, NodeCertificate? certificate, Action<IServiceCollection>? configure)
    {
        var started = false;
        // Nothing but the options decides what a node is: no settings files, no ASPNETCORE_ variables.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "LipSol.Silo",
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
            EnvironmentName = Environments.Production,
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("LipSol", LogLevel.Information)
            // It takes the machine's sleep for a deadlock, and says so at every start.
            .AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error)
            // It recommends a heap for each processor at every start, which was measured and isn't better here (build/serving).
            .AddFilter("Orleans.Runtime.Silo", level => level >= (started ? LogLevel.Warning : LogLevel.Error))
            // Why a node can't start is said by whoever starts it, in one line; here it would be the same again with a stack.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => started && level >= LogLevel.Warning);
        // stdout is for the start message.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.AddTelemetry(options);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
            options.Clients.ApplyTo(kestrel.Limits);
            kestrel.Listen(options.Bind, options.Port, listen => certificate?.ServeOn(listen));
        });
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        if (options.Attached) builder.Services.AddSingleton<IHostLifetime, AttachedLifetime>();

        var storage = NodeStorage.Of(options);
        // Before Orleans: hosted services start in the order in which they are added.
        if (options.Join is not null) builder.Services.AddHostedService<ClusterPlace>();
        var slots = new NodeSlots(options, note => Console.Error.WriteLine("lipsol: " + note));
        AddCluster(builder, options, storage, slots);
        AddParts(builder.Services, options, token, slots);
        builder.Services.AddHostedService(s => s.GetRequiredService<DatabaseWatch>());
        builder.Services.AddHostedService<NodeRegistrar>();
        builder.Services.AddWorkers(new WorkersOptions
        {
            DataFolder = options.DataFolder,
            LogsAt = options.LogFolder,
            ArtifactFolder = options.ArtifactFolder,
            CodeVersion = NodeVersion.Text,
            Models = options.Bundles,
            Networks = options.Networks,
            Uploads = new ClipLimits
            {
                Bytes = options.Uploads.Bytes,
                Seconds = options.Uploads.Seconds,
                Pixels = options.Uploads.Pixels,
                ProcessingSeconds = options.Uploads.ProcessingSeconds,
            },
        });
        builder.Services.AddTranscriptions();
        builder.Services.AddStreams(options);
        AddHttp(builder.Services, options);
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        // Makes the folders, so that a data folder that can't be used is known before the node is up.
        app.Services.GetRequiredService<CorpusCatalog>();
        HttpPipeline.Use(app, options);
        return app;
    }

    private static void AddCluster(WebApplicationBuilder builder, NodeOptions options, StorageOptions storage, NodeSlots slots) => builder.UseOrleans(silo =>
    {
        ClusterSettings.AddTo(silo, options, storage, NodeAddress.Of(options, storage));
        silo.AddLipSolGrains();
        silo.AddTelemetry(options);
        silo.UseSiloMetadata(NodeMetadata.Of(options, slots));
        silo.AddDashboard(dashboard => dashboard.HideTrace = true); // a stream that never ends would hold up the node's end
        silo.Configure<SiloOptions>(o => o.SiloName = options.Name);
        silo.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = RequestsPerGrain);
    });

    private static void AddParts(IServiceCollection services, NodeOptions options, AccessToken token, NodeSlots slots)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(token);
        services.AddSingleton(NodeRemote.Open(options));
        services.AddSingleton(s => new CorpusCatalog(options.CommonFolder, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<NodeRemote>().Source));
        services.AddSingleton(s => s.GetRequiredService<CorpusCatalog>().Artifacts);
        services.AddSingleton<CorpusLibrary>();
        services.AddSingleton<RunInputs>();
        services.AddSingleton<RunLogs>();
        services.AddSingleton<WeightsResolver>();
        services.AddSingleton<IArtifactReader, ArtifactReader>();
        services.AddSingleton<IArtifactWriter, ArtifactWriter>();
        services.AddSingleton<IArtifactRemover, ArtifactRemover>();
        services.AddSingleton<ModelRuntime>();
        services.AddSingleton<IModelRuntime>(s => s.GetRequiredService<ModelRuntime>());
        services.AddSingleton<ServedModels>();
        services.AddSingleton(slots);
        services.AddSingleton<ClusterView>();
        services.AddSingleton<FatalErrors>();
        services.AddSingleton<DatabaseWatch>();
        services.AddSingleton<INodeReach>(s => s.GetRequiredService<DatabaseWatch>());
        services.AddSingleton<ModelBundles>();
        services.AddPipelines(options);
        services.AddAccess();
    }

    private static void AddHttp(IServiceCollection services, NodeOptions options)
    {
        services.ConfigureHttpJsonOptions(json => LipSolJson.Apply(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddProblemDetails();
        services.AddExceptionHandler<Problems>();
        services.AddOpenApi("v1", ApiDocument.Describe);
        services.AddRateLimiter(limits =>
        {
            limits.AddPolicy(TranscriptionEndpoints.Limiter, _ => RateLimitPartition.GetConcurrencyLimiter("", _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = options.Uploads.Concurrent,
                QueueLimit = options.Uploads.Waiting,
            }));
            limits.AddPolicy(BundleEndpoints.Limiter, _ => RateLimitPartition.GetConcurrencyLimiter("", _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 4 }));
            limits.AddPolicy(ArtifactEndpoints.Limiter, _ => RateLimitPartition.GetConcurrencyLimiter("", _ => new ConcurrencyLimiterOptions { PermitLimit = 2, QueueLimit = 8 }));
            limits.AddPolicy(SaliencyEndpoints.Limiter, _ => RateLimitPartition.GetConcurrencyLimiter("", _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 4 }));
            limits.GlobalLimiter = options.TokenLimits.ToLimiter();
            limits.OnRejected = async (rejected, _) =>
            {
                // Only the limit on requests a second knows when to come back.
                var tooFast = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
                rejected.HttpContext.Response.Headers.RetryAfter = tooFast ? Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture) : "5";
                await Problems.WriteAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, tooFast ? "too-fast" : "overloaded", tooFast
                    ? string.Create(CultureInfo.InvariantCulture, $"This token has sent more than {options.TokenLimits.RequestsPerSecond:0.##} requests a second. Send fewer.")
                    : "Too many uploads are being worked on at once, of this token or of all. Try again in a few seconds.");
            };
        });
    }
}
