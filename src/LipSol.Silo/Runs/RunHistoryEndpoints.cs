using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Search;
using LipSol.Silo.Http;
using DeletedRuns = LipSol.Contracts.Runs.DeletedRuns;
using MetricBucket = LipSol.Client.MetricBucket;
using MetricHistory = LipSol.Client.MetricHistory;
using RunStatus = LipSol.Contracts.Runs.RunStatus;

namespace LipSol.Silo.Runs;

/// <summary>The history of runs over HTTP: searches, courses of metrics, and the end of records.</summary>
internal static class RunHistoryEndpoints
{
    private const int LargestPage = 1000;
    private const int MostPoints = 100_000;
    private const int MostBuckets = 10_000;

    public static void MapRunHistory(this IEndpointRouteBuilder runs)
    {
        runs.MapGet("", ListAsync).WithSummary("Runs, newest first or in the order of `orderBy`; with `where`: those that it finds. Lists leave out figures by speaker.").NeedsRead();
        runs.MapPost("/search", SearchAsync).WithSummary("A page of the runs that a search finds, with the place where the next one begins.").NeedsRead().Refuses(StatusCodes.Status409Conflict);
        runs.MapGet("/{id}/metrics/history", HistoryAsync).WithSummary("A metric's course for drawing: smallest, largest and last value in at most so many buckets.").NeedsRead();
        runs.MapGet("/{id}/points", PointsAsync).WithSummary("Points by name and step behind `afterName` and `afterStep`: for reading many in pages.").NeedsRead();
        runs.MapDelete("/{id}", DeleteAsync).WithSummary("Hides a run that is over; it can be restored until it's purged. Repeatable.").NeedsAdmin().Refuses(StatusCodes.Status409Conflict);
        runs.MapPost("/{id}/restore", RestoreAsync).WithSummary("Shows a deleted run again. Repeatable.").NeedsAdmin();
        runs.MapPost("/{id}/purge", PurgeAsync).WithSummary("Removes a deleted run for good: record, metrics, checkpoints that nothing else refers to, and what its worker printed. Models and evaluations stay.").NeedsAdmin()
            .Produces(StatusCodes.Status204NoContent).Refuses(StatusCodes.Status409Conflict);
    }

    private static async Task<Run[]> ListAsync(IGrainFactory grains, TimeProvider time, string? experiment, string? status, string? where, string? orderBy, string? deleted, int skip = 0, int take = 100)
    {
        Names.RequirePage(skip, take, LargestPage);
        var page = await FindAsync(grains, time, new RunSearch
        {
            Where = where,
            OrderBy = orderBy,
            Experiment = experiment,
            Status = Names.Choice<RunStatus>(status, "status"),
            Deleted = Names.Choice<DeletedRuns>(deleted, "deleted") ?? DeletedRuns.Hidden,
            Skip = skip,
            Take = take,
        });
        return [.. page.Runs.Select(r => r.ToMessage())];
    }

    private static async Task<FoundRuns> SearchAsync(SearchRuns search, IGrainFactory grains, TimeProvider time)
    {
        Names.RequirePage(0, search.Take, LargestPage);
        var page = await FindAsync(grains, time, new RunSearch
        {
            Where = search.Where,
            OrderBy = search.OrderBy,
            Experiment = search.Experiment,
            Status = search.Status is { } status ? Enum.Parse<RunStatus>(status.ToString()) : null,
            Deleted = Enum.Parse<DeletedRuns>(search.Deleted.ToString()),
            Take = search.Take,
            After = search.After,
            Count = search.Count,
        });
        return new FoundRuns([.. page.Runs.Select(r => r.ToMessage())], page.Next, page.Total);
    }

    // Read here once before the grain does, so that what can't be understood is told as the request's own fault.
    private static Task<RunPage> FindAsync(IGrainFactory grains, TimeProvider time, RunSearch search)
    {
        RunSelections.Of(search, time.GetUtcNow());
        return grains.GetGrain<IRunHistoryGrain>(0).SearchAsync(search);
    }

    private static async Task<MetricHistory> HistoryAsync(string id, IGrainFactory grains, string name, int buckets = 500, long from = 0, long to = long.MaxValue)
    {
        if (buckets is < 2 or > MostBuckets) throw ApiException.BadRequest($"buckets is {buckets}. Give 2 to {MostBuckets}.");
        var history = await grains.GetGrain<IRunHistoryGrain>(0).GetMetricHistoryAsync(id, name, from, to, buckets);
        if (history.Buckets.Count == 0) await RunEndpoints.GetAsync(grains, id);
        return new MetricHistory(name, history.Width, [.. history.Buckets.Select(b => new MetricBucket(b.FirstStep, b.LastStep, b.Points, b.NotNumbers, b.Minimum, b.Maximum, b.Last))]);
    }

    private static async Task<Client.MetricPoint[]> PointsAsync(string id, IGrainFactory grains, string? name, string afterName = "", long afterStep = -1, int take = MostPoints)
    {
        Names.RequirePage(0, take, MostPoints);
        // Runs are only woken where there is nothing to read, to tell an empty one from none.
        var points = await grains.GetGrain<IRunHistoryGrain>(0).ReadPointsAsync(id, name, afterName, afterStep, take);
        if (points.Count == 0) await RunEndpoints.GetAsync(grains, id);
        return [.. points.Select(p => p.ToMessage())];
    }

    private static async Task<Run> DeleteAsync(string id, IGrainFactory grains)
    {
        await RunEndpoints.GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).DeleteAsync();
        return (await RunEndpoints.GetAsync(grains, id)).ToMessage();
    }

    private static async Task<Run> RestoreAsync(string id, IGrainFactory grains)
    {
        await RunEndpoints.GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).RestoreAsync();
        return (await RunEndpoints.GetAsync(grains, id)).ToMessage();
    }

    private static async Task<IResult> PurgeAsync(string id, IGrainFactory grains, RunLogs logs)
    {
        // A run whose purge was cut short has no record any more, but is still found: what is left of it goes now.
        if (await grains.GetGrain<IRunGrain>(id).GetAsync() is null && (await FindLeftAsync(grains, id)).Runs.Count == 0) await RunEndpoints.GetAsync(grains, id);
        await grains.GetGrain<IRunGrain>(id).PurgeAsync();
        logs.Remove(id);
        return Results.NoContent();
    }

    private static Task<RunPage> FindLeftAsync(IGrainFactory grains, string id) =>
        grains.GetGrain<IRunHistoryGrain>(0).SearchAsync(new RunSearch { Where = $"id = '{id.Replace("'", "''", StringComparison.Ordinal)}'", Deleted = DeletedRuns.Included, Take = 1 });
}
