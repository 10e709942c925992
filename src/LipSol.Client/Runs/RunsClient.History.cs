using System.Runtime.CompilerServices;

namespace LipSol.Client;

/// <summary>The history: searches, courses of metrics, and the end of records.</summary>
public sealed partial class RunsClient
{
    private const int PointsOfAPage = 100_000;

    /// <summary>A page of the runs that a search finds.</summary>
    /// <exception cref="LipSolRefusedException">The search can't be understood (<c>bad-search</c>); the message shows where.</exception>
    public Task<FoundRuns> SearchPageAsync(SearchRuns search, CancellationToken cancellationToken = default) =>
        connection.PostAsync<FoundRuns>("api/v1/runs/search", search, cancellationToken);

    /// <summary>All runs that a search finds, fetched page by page as they are read. No run that stays is told twice or left out, whatever comes or goes meanwhile.</summary>
    /// <exception cref="LipSolRefusedException">The search can't be understood (<c>bad-search</c>); the message shows where.</exception>
    public IAsyncEnumerable<Run> SearchAsync(string? where, string? orderBy = null, CancellationToken cancellationToken = default) =>
        SearchAsync(new SearchRuns { Where = where, OrderBy = orderBy }, cancellationToken);

    /// <summary>As <see cref="SearchAsync(string?, string?, CancellationToken)"/>; <see cref="SearchRuns.Take"/> is how many are fetched at once.</summary>
    public async IAsyncEnumerable<Run> SearchAsync(SearchRuns search, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        do
        {
            var page = await SearchPageAsync(search, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Runs) yield return run;
            search = search with { After = page.Next };
        }
        while (search.After is not null);
    }

    /// <summary>A metric's course in at most <paramref name="buckets"/> buckets of equal width: smallest, largest and last value of each. Quick however many points there are.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    public Task<MetricHistory> GetMetricHistoryAsync(string runId, string name, int buckets = 500, long from = 0, long to = long.MaxValue, CancellationToken cancellationToken = default) =>
        connection.GetAsync<MetricHistory>(Path(runId) + "/metrics/history" + QueryText.Of(("name", name), ("buckets", buckets), ("from", from), ("to", to)), cancellationToken);

    /// <summary>All points of one metric (of all where null), by name and step, fetched page by page as they are read.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    public async IAsyncEnumerable<MetricPoint> ReadPointsAsync(string runId, string? name = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (string? afterName, long? afterStep) = (null, null);
        while (true)
        {
            var page = await connection.GetAsync<IReadOnlyList<MetricPoint>>(
                Path(runId) + "/points" + QueryText.Of(("name", name), ("afterName", afterName), ("afterStep", afterStep), ("take", PointsOfAPage)), cancellationToken).ConfigureAwait(false);
            foreach (var point in page) yield return point;
            if (page.Count < PointsOfAPage) yield break;
            (afterName, afterStep) = (page[^1].Name, page[^1].Step);
        }
    }

    /// <summary>Hides a run from lists and searches; it can be restored until it's purged. Repeatable.</summary>
    /// <exception cref="LipSolRefusedException">It waits or runs, or a model version was made by it.</exception>
    public Task<Run> DeleteAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.ReceiveAsync<Run>(new HttpRequestMessage(HttpMethod.Delete, Path(runId)), cancellationToken);

    /// <summary>Shows a deleted run again. Repeatable.</summary>
    public Task<Run> RestoreAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.PostAsync<Run>(Path(runId) + "/restore", null, cancellationToken);

    /// <summary>Removes a deleted run for good: its record, metrics, checkpoints that nothing else refers to, and what its worker printed. Models and evaluations stay in the artifact store.</summary>
    /// <exception cref="LipSolRefusedException">It isn't deleted, or a model version was made by it.</exception>
    public async Task PurgeAsync(string runId, CancellationToken cancellationToken = default)
    {
        using var done = await connection.SendAsync(new HttpRequestMessage(HttpMethod.Post, Path(runId) + "/purge"), cancellationToken).ConfigureAwait(false);
    }
}
