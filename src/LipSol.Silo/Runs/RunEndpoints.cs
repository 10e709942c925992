using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Silo.Runs.Pretrained;
using LipSol.Silo.Runs.Summaries;
using Microsoft.AspNetCore.Mvc;
using RunEvent = LipSol.Client.RunEvent;

namespace LipSol.Silo.Runs;

/// <summary>Experiments and runs over HTTP.</summary>
internal static class RunEndpoints
{
    private const int MostPoints = 1_000_000;

    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/experiments", async (IGrainFactory grains) =>
                (await grains.GetGrain<IRunHistoryGrain>(0).ListExperimentsAsync()).Select(e => new Experiment(e.Name, e.Runs, e.CreatedAt)).ToArray())
            .WithTags("Runs").WithSummary("All experiments, by name.").NeedsRead();

        var runs = api.MapGroup("/runs").WithTags("Runs").Refuses(StatusCodes.Status404NotFound);
        runs.MapPost("", StartAsync).WithSummary("Queues a run. The same requestId gives the same run: a repeated request starts nothing twice.").NeedsRun()
            .Produces<Run>(StatusCodes.Status201Created).Refuses(StatusCodes.Status409Conflict).Refuses(StatusCodes.Status422UnprocessableEntity);
        runs.MapRunHistory();
        runs.MapGet("/{id}", ShowAsync).WithSummary("A run as it is now, and what it waits for.").NeedsRead();
        runs.MapRunSummaries();
        runs.MapPost("/{id}/stop", StopAsync).WithSummary("Asks a run to stop after its current step; a queued run ends at once. Repeatable.").NeedsRun();
        runs.MapPost("/{id}/resume", ResumeAsync).WithSummary("Queues an interrupted, stopped or failed run again, from its last checkpoint.").NeedsRun().Refuses(StatusCodes.Status409Conflict);
        runs.MapPut("/{id}/tags", SetTagsAsync).WithSummary("Sets or replaces tags; others stay.").NeedsRun();
        runs.MapPut("/{id}/notebook", SetNotebookAsync).WithSummary("Says of which notebook a run is, and what became of it: artifacts that were uploaded before, `notebook.json` and `notebook.ipynb` of the run from then on.").NeedsRun();
        runs.MapGet("/{id}/metrics", MetricsAsync).WithSummary("Points of one metric (of all where none is named), steps ascending.").NeedsRead();
        runs.MapGet("/{id}/events", EventsAsync).WithSummary("What happens to the run, live, as server-sent events: `run` with an id, `alive` in between where nothing happens, `end` when the run has ended. `Last-Event-ID` (or else `cursor`) goes on where a lost connection stopped.").NeedsRead()
            .Produces<RunEvent>(StatusCodes.Status200OK, "text/event-stream");
        runs.MapGet("/{id}/log", LogAsync).WithSummary("What the run's worker printed.").NeedsRead().Produces<string>(StatusCodes.Status200OK, "text/plain");
        runs.MapGet("/{id}/artifacts", async (string id, IGrainFactory grains) => RunMapping.Artifacts(await GetAsync(grains, id)).ToArray())
            .WithSummary("What the run left, by name.").NeedsRead();
    }

    private static async Task<IResult> StartAsync(StartRun start, IGrainFactory grains, CorpusLibrary corpora, WeightsResolver weights, FolderArtifactStore store)
    {
        var (dataHash, corpus) = corpora.Get(start.Corpus);
        Names.Require(start.Network, "network");
        Names.RequireText(start.Experiment, "experiment");
        if (start.Name is not null) Names.RequireText(start.Name, "name");
        Names.RequirePairs(start.Parameters, "parameters");
        Names.RequirePairs(start.Tags, "tags");
        if (start.Threads is < 0 or > 1024) throw ApiException.BadRequest($"threads is {start.Threads}. Give 1 or more, or 0 for the slot's share.");
        Demand(store, start.Notebook);
        var spec = new RunSpec
        {
            Experiment = start.Experiment,
            Name = start.Name ?? $"{start.Network} {DateTimeOffset.UtcNow.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}",
            Network = start.Network,
            Corpus = start.Corpus,
            DataHash = dataHash,
            Parameters = new Dictionary<string, string>(start.Parameters),
            Seed = start.Seed,
            Threads = start.Threads,
            CodeVersion = NodeVersion.Text,
            Tags = new Dictionary<string, string>(start.Tags),
            Priority = start.Priority,
            MaximumRestarts = start.MaximumRestarts,
            Needs = start.Needs?.ToRecord(),
            Keep = start.KeepCheckpoints is { } keep ? Kept(keep) : null,
            InitFrom = start.InitFrom is { } from ? await weights.ResolveAsync(from, corpus.Manifest, start.Parameters) : null,
        };
        var id = await grains.GetGrain<IExperimentGrain>(start.Experiment).StartRunAsync(spec, start.RequestId ?? Guid.NewGuid().ToString("N"));
        // A repeated request finds a run that may have come from elsewhere.
        if (start.Notebook is { } notebook && (await GetAsync(grains, id)).Kept?.ContainsKey(NotebookArtifacts.Origin) != true) await grains.GetGrain<IRunGrain>(id).SetNotebookAsync(notebook, null);
        return Results.Created($"/api/v1/runs/{id}", (await GetAsync(grains, id)).ToMessage());
    }

    private static CheckpointRetention Kept(string text)
    {
        try
        {
            return CheckpointRetention.Parse(text);
        }
        catch (RefusedException e)
        {
            throw ApiException.BadRequest($"keepCheckpoints: {e.Message}");
        }
    }

    private static async Task<Run> ShowAsync(string id, IGrainFactory grains, RunInputs inputs)
    {
        var record = await GetAsync(grains, id);
        var run = record.ToMessage() with { Inputs = await Task.Run(() => inputs.Of(record.Spec)) };
        return run.Status != Client.RunStatus.Queued ? run : run with { Waits = (await grains.GetGrain<ISchedulerGrain>(0).GetAsync()).Queue.Find(q => q.RunId == id)?.Waits };
    }

    private static async Task<Run> StopAsync(string id, StopRun? stop, IGrainFactory grains)
    {
        await GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).StopAsync(stop?.Reason ?? "stopped on request");
        return (await GetAsync(grains, id)).ToMessage();
    }

    private static async Task<Run> ResumeAsync(string id, IGrainFactory grains)
    {
        await GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).ResumeAsync();
        return (await GetAsync(grains, id)).ToMessage();
    }

    private static async Task<Run> SetTagsAsync(string id, [FromBody] Dictionary<string, string> tags, IGrainFactory grains)
    {
        Names.RequirePairs(tags, "tags");
        await GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).SetTagsAsync(tags);
        return (await GetAsync(grains, id)).ToMessage();
    }

    private static async Task<Run> SetNotebookAsync(string id, [FromBody] RunNotebook notebook, IGrainFactory grains, FolderArtifactStore store)
    {
        await GetAsync(grains, id);
        Demand(store, notebook.Origin);
        Demand(store, notebook.Executed);
        await grains.GetGrain<IRunGrain>(id).SetNotebookAsync(notebook.Origin, notebook.Executed);
        return (await GetAsync(grains, id)).ToMessage();
    }

    private static void Demand(FolderArtifactStore store, string? artifact)
    {
        if (artifact is not null && !(ArtifactHash.IsValid(artifact) && !ArtifactHash.IsFolder(artifact) && store.Exists(artifact)))
            throw ApiException.BadRequest($"\"{artifact}\" is no file in the artifact store. Upload it first (POST /api/v1/artifacts).");
    }

    private static async Task<Client.MetricPoint[]> MetricsAsync(string id, IGrainFactory grains, string? name, int take = 100_000)
    {
        Names.RequirePage(0, take, MostPoints);
        await GetAsync(grains, id);
        return [.. (await grains.GetGrain<IRunGrain>(id).GetMetricsAsync(name, take)).Select(p => p.ToMessage())];
    }

    private static async Task<IResult> EventsAsync(string id, IGrainFactory grains, HttpRequest request, long? cursor, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        await GetAsync(grains, id);
        var from = LastEvent(request.Headers["Last-Event-ID"].ToString()) ?? cursor ?? 0;
        if (from < 0) throw ApiException.BadRequest($"cursor is {from}. Give the id of the last event seen, or 0 for all.");
        // Proxies that gather answers before passing them on would hold live events back.
        request.HttpContext.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(LiveEvents.Of(ToItems(grains.GetGrain<IRunGrain>(id).FollowAsync(from)), time, lifetime.ApplicationStopping, request.HttpContext.RequestAborted));
    }

    // It counts before the cursor: a browser that connects again sends it to the address that it first asked, cursor and all.
    private static long? LastEvent(string header) => header.Length == 0 ? null
        : long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seen) ? seen : throw ApiException.BadRequest($"Last-Event-ID is \"{header}\", which is not an event of a run.");

    private static async IAsyncEnumerable<SseItem<RunEvent?>> ToItems(IAsyncEnumerable<Contracts.Runs.RunEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var e in events.WithCancellation(cancellationToken))
            yield return new SseItem<RunEvent?>(e.ToMessage(), "run") { EventId = e.Cursor.ToString(CultureInfo.InvariantCulture) };
    }

    private static async Task<IResult> LogAsync(string id, IGrainFactory grains, RunLogs logs)
    {
        await GetAsync(grains, id);
        if (logs.Open(id) is not { } log) throw ApiException.NotFound($"Run {id} has printed nothing yet.");
        // No length is announced: a run that trains writes on while its log is sent.
        return Results.Stream(async answer =>
        {
            await using (log) await log.CopyToAsync(answer);
        }, "text/plain; charset=utf-8");
    }

    public static async Task<RunRecord> GetAsync(IGrainFactory grains, string id) =>
        await grains.GetGrain<IRunGrain>(id).GetAsync() ?? throw ApiException.NotFound($"There is no run {id}. `lipsol runs list` names them all.");
}
