using System.Runtime.CompilerServices;

namespace LipSol.Client;

/// <summary>Searches for the best parameters. They go on at the node whether anyone looks or not.</summary>
/// <example>
/// <code>
/// var search = await client.Searches.StartAsync(File.ReadAllText("sweep.yaml"));
/// await foreach (var now in client.Searches.FollowAsync(search.Name))
///     Console.WriteLine($"{now.TrialCount} of {now.Target} trials, best {now.BestObjective}");
/// var analysis = await client.Searches.AnalyseAsync(search.Name);
/// </code>
/// </example>
public sealed class SearchesClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly NodeConnection connection;
    private readonly TimeProvider time;

    internal SearchesClient(NodeConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
    }

    /// <summary>Starts a search; returns at once. The same definition again is the same search: it's answered as it is.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    /// <exception cref="LipSolRefusedException">The definition can't be used (the message says the line and what to do), or there's another search of this name.</exception>
    public Task<ParameterSearch> StartAsync(string definition, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ParameterSearch>("api/v1/searches", new StartSearch(definition), cancellationToken);

    /// <summary>As <see cref="StartAsync(string, CancellationToken)"/>.</summary>
    public Task<ParameterSearch> StartAsync(SearchPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return StartAsync(plan.ToDefinition(), cancellationToken);
    }

    /// <summary>All searches, newest first, without their trials.</summary>
    public Task<IReadOnlyList<ParameterSearch>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<ParameterSearch>>("api/v1/searches", cancellationToken);

    /// <summary>A search as it is now, with its trials.</summary>
    /// <exception cref="LipSolNotFoundException">No such search.</exception>
    public Task<ParameterSearch> GetAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ParameterSearch>(Path(name), cancellationToken);

    /// <summary>Parallel coordinates and the importance of the parameters.</summary>
    /// <exception cref="LipSolNotFoundException">No such search.</exception>
    public Task<SearchAnalysis> AnalyseAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<SearchAnalysis>(Path(name) + "/analysis", cancellationToken);

    /// <summary>No further trial begins; those that run go on. Repeatable.</summary>
    /// <exception cref="LipSolRefusedException">The search is over.</exception>
    public Task<ParameterSearch> PauseAsync(string name, string reason = "paused on request", CancellationToken cancellationToken = default) =>
        connection.PostAsync<ParameterSearch>(Path(name) + "/pause", new EndSearch(reason), cancellationToken);

    /// <summary>Goes on: a search that was paused, stopped, or gave up after failures. Repeatable.</summary>
    /// <exception cref="LipSolRefusedException">All its trials are over.</exception>
    public Task<ParameterSearch> ResumeAsync(string name, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ParameterSearch>(Path(name) + "/resume", null, cancellationToken);

    /// <summary>So many more trials; a search that is completed goes on. With a <paramref name="requestId"/>, repeating the call adds nothing twice.</summary>
    /// <exception cref="LipSolRefusedException">There would be too many, or every configuration has been tried.</exception>
    public Task<ParameterSearch> AddTrialsAsync(string name, int count, string? requestId = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<ParameterSearch>(Path(name) + "/trials", new AddTrials(count, requestId), cancellationToken);

    /// <summary>Ends a search: no further trial begins, and those that run are stopped. Repeatable.</summary>
    public Task<ParameterSearch> StopAsync(string name, string reason = "stopped on request", CancellationToken cancellationToken = default) =>
        connection.PostAsync<ParameterSearch>(Path(name) + "/stop", new EndSearch(reason), cancellationToken);

    /// <summary>The search whenever something has changed, until nothing of it goes on. A node that is away for a while (<see cref="RunsClient.ReconnectFor"/>) is waited for.</summary>
    /// <exception cref="LipSolNotFoundException">No such search.</exception>
    /// <exception cref="LipSolUnreachableException">The node is gone and doesn't come back.</exception>
    public async IAsyncEnumerable<ParameterSearch> FollowAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ParameterSearch? last = null;
        var lastSign = time.GetTimestamp();
        while (true)
        {
            ParameterSearch? now = null;
            try
            {
                now = await GetAsync(name, cancellationToken).ConfigureAwait(false);
                lastSign = time.GetTimestamp();
            }
            catch (Exception e) when (e is LipSolUnreachableException or LipSolOverloadedException && time.GetElapsedTime(lastSign) < RunsClient.ReconnectFor)
            {
                // It's asked again below.
            }
            if (now is not null && (last is null || last.Revision != now.Revision || last.Status != now.Status))
            {
                last = now;
                yield return now;
                if (now.IsOver()) yield break;
            }
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Path(string name) => "api/v1/searches/" + Uri.EscapeDataString(name);
}
