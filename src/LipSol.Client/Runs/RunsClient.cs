using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>Experiments and runs: start, follow, stop, look back.</summary>
/// <example>
/// <code>
/// var run = await client.Runs.StartAsync(new StartRun { Network = "word-tcn", Corpus = "grid", Parameters = new Dictionary&lt;string, string&gt; { ["epochs"] = "30" } });
/// await foreach (var e in client.Runs.FollowAsync(run.Id))
///     foreach (var p in e.Points) Console.WriteLine($"{p.Name} {p.Step} {p.Value}");
/// run = await client.Runs.GetAsync(run.Id);
/// Console.WriteLine(run.Figures["word_accuracy"]);
/// </code>
/// </example>
public sealed partial class RunsClient
{
    /// <summary>How long <see cref="FollowAsync"/> tries to reach a node that doesn't answer before it gives up.</summary>
    public static readonly TimeSpan ReconnectFor = TimeSpan.FromMinutes(2);

    private readonly NodeConnection connection;
    private readonly TimeProvider time;

    internal RunsClient(NodeConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
    }

    /// <summary>All experiments by name.</summary>
    public Task<IReadOnlyList<Experiment>> ListExperimentsAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<Experiment>>("api/v1/experiments", cancellationToken);

    /// <summary>Queues a run. Where <see cref="StartRun.RequestId"/> is set, repeating the call starts nothing twice.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus, or no such weights to start from.</exception>
    /// <exception cref="LipSolRefusedException">The request isn't sound; the message says what to change. <c>test-in-pretraining</c>: the weights to start from were trained on clips that the run would be tested on.</exception>
    /// <remarks>In a notebook that LipSol's kernel runs, the run keeps where it came from (<c>notebook.json</c>: the notebook's hash, the cell, its parameters, the versions of its packages), and where the kernel knows the file, the notebook as it was executed (<c>notebook.ipynb</c>); <c>LIPSOL_LINEAGE=off</c> switches that off.</remarks>
    public async Task<Run> StartAsync(StartRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Notebook is not null || NotebookOrigin.Current is not { } notebook || await OriginAsync(notebook, cancellationToken).ConfigureAwait(false) is not { } origin)
            return await connection.PostAsync<Run>("api/v1/runs", run, cancellationToken).ConfigureAwait(false);
        var started = await connection.PostAsync<Run>("api/v1/runs", run with { Notebook = origin }, cancellationToken).ConfigureAwait(false);
        // A run that was there already may have come from another notebook: that stays.
        if (started.Artifacts.GetValueOrDefault("notebook.json") == origin)
            NotebookOrigin.WhenExecuted(notebook, async (executed, cancellation) =>
                await SetNotebookAsync(started.Id, new RunNotebook(origin, await UploadAsync(executed, cancellation).ConfigureAwait(false)), cancellation).ConfigureAwait(false));
        return started;
    }

    /// <summary>Says of which notebook a run is, which is said once, and what became of it. Repeatable.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    /// <exception cref="LipSolRefusedException">An artifact isn't there, or the run is of another notebook.</exception>
    public Task<Run> SetNotebookAsync(string runId, RunNotebook notebook, CancellationToken cancellationToken = default) =>
        connection.PutAsync<Run>(Path(runId) + "/notebook", notebook, cancellationToken);

    /// <summary>The weights that a text names, to start a run from: a file (it's uploaded), a version (<c>model@3</c>, <c>model@alias</c>), a run's id, or a model (its version in production).</summary>
    /// <param name="source">The text.</param>
    /// <param name="map">A file with the name mapping (YAML), where the weights have other names than LipSol's.</param>
    /// <param name="progress">Told how much of a file has been sent.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolNotFoundException">It names nothing on the node.</exception>
    /// <exception cref="LipSolException">A file can't be read (<c>missing</c>).</exception>
    public Task<InitialWeights> FindWeightsAsync(string source, string? map = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default) =>
        new WeightsFinder(connection, this).FindAsync(source, map, progress, cancellationToken);

    /// <summary>Sends where a run comes from; null where the node doesn't take it: a run isn't held up for that.</summary>
    private async Task<string?> OriginAsync(IReadOnlyDictionary<string, object?> notebook, CancellationToken cancellationToken)
    {
        try
        {
            return await UploadAsync(NotebookOrigin.ToJson(notebook), cancellationToken).ConfigureAwait(false);
        }
        catch (LipSolException e)
        {
            await Console.Error.WriteLineAsync($"The run won't keep which notebook it came from: {e.Message}").ConfigureAwait(false);
            return null;
        }
    }

    private async Task<string> UploadAsync(byte[] content, CancellationToken cancellationToken) =>
        (await new ArtifactsClient(connection).UploadAsync(new MemoryStream(content), progress: null, cancellationToken).ConfigureAwait(false)).Hash;

    /// <summary>Runs, newest first.</summary>
    public Task<IReadOnlyList<Run>> ListAsync(string? experiment = null, RunStatus? status = null, int skip = 0, int take = 100, CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<Run>>("api/v1/runs" + QueryText.Of(("experiment", experiment), ("status", status?.ToString()), ("skip", skip), ("take", take)), cancellationToken);

    /// <summary>A run as it is now.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    public Task<Run> GetAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.GetAsync<Run>(Path(runId), cancellationToken);

    /// <summary>Asks a run to stop after its current step; a queued run ends at once. Repeatable.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    public Task<Run> StopAsync(string runId, string reason = "stopped on request", CancellationToken cancellationToken = default) =>
        connection.PostAsync<Run>(Path(runId) + "/stop", new StopRun(reason), cancellationToken);

    /// <summary>Queues an interrupted, stopped or failed run again, from its last checkpoint.</summary>
    /// <exception cref="LipSolRefusedException">The run is queued, running or completed.</exception>
    public Task<Run> ResumeAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.PostAsync<Run>(Path(runId) + "/resume", null, cancellationToken);

    /// <summary>Sets or replaces tags; others stay.</summary>
    public Task<Run> SetTagsAsync(string runId, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken = default) =>
        connection.PutAsync<Run>(Path(runId) + "/tags", tags, cancellationToken);

    /// <summary>Points of one metric (of all where null), steps ascending.</summary>
    public Task<IReadOnlyList<MetricPoint>> GetMetricsAsync(string runId, string? name = null, int take = 100_000, CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<MetricPoint>>(Path(runId) + "/metrics" + QueryText.Of(("name", name), ("take", take)), cancellationToken);

    /// <summary>What the run's worker printed.</summary>
    public Task<string> GetLogAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.GetTextAsync(new HttpRequestMessage(HttpMethod.Get, Path(runId) + "/log"), cancellationToken);

    /// <summary>The run's artifacts: model folder, evaluation, checkpoints and what else it left.</summary>
    public Task<IReadOnlyList<ArtifactEntry>> ListArtifactsAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<ArtifactEntry>>(Path(runId) + "/artifacts", cancellationToken);

    /// <summary>How well a completed run's model read the test split, in full: kinds of error, confusions, reliability, the worst clips, what each decoder made of them. Nothing is read anew.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    /// <exception cref="LipSolRefusedException">The run isn't completed.</exception>
    public Task<RunEvaluation> GetEvaluationAsync(string runId, CancellationToken cancellationToken = default) =>
        connection.GetAsync<RunEvaluation>(Path(runId) + "/evaluation", cancellationToken);

    /// <summary>What happens to a run from <paramref name="cursor"/> on (0 = from the start), live, until the run ends.</summary>
    /// <remarks>A lost connection is made again from the last event seen, so that none is missed and none comes twice; after <see cref="ReconnectFor"/> without an answer the call gives up.</remarks>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    /// <exception cref="LipSolUnreachableException">The node is gone and doesn't come back.</exception>
    public async IAsyncEnumerable<RunEvent> FollowAsync(string runId, long cursor = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var lastSign = time.GetTimestamp();
        var wait = TimeSpan.FromMilliseconds(250);
        while (true)
        {
            LipSolException? lost = null;
            var items = ReadEventsAsync(runId, cursor, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (items.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await items.MoveNextAsync().ConfigureAwait(false)) break;
                    }
                    catch (Exception e) when (e is LipSolUnreachableException or LipSolOverloadedException)
                    {
                        lost = (LipSolException)e;
                        break;
                    }
                    lastSign = time.GetTimestamp();
                    wait = TimeSpan.FromMilliseconds(250);
                    if (items.Current is not { } happened) yield break;
                    cursor = happened.Cursor;
                    yield return happened;
                }
            }
            // The stream broke off before the run's end: go on behind the last event seen.
            if (time.GetElapsedTime(lastSign) > ReconnectFor)
                throw lost ?? new LipSolUnreachableException($"{connection.Url} keeps closing the stream of run {runId}.");
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds * 2, 5000));
        }
    }

    /// <summary>Waits until the run ends and returns it.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    public async Task<Run> WaitAsync(string runId, CancellationToken cancellationToken = default)
    {
        await foreach (var _ in FollowAsync(runId, 0, cancellationToken).ConfigureAwait(false)) { }
        return await GetAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    private static string Path(string runId) => $"api/v1/runs/{Uri.EscapeDataString(runId)}";

    /// <summary>One connection's events; null is the run's end.</summary>
    private async IAsyncEnumerable<RunEvent?> ReadEventsAsync(string runId, long cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Path(runId) + "/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor.ToString(CultureInfo.InvariantCulture));
        using var response = await connection.SendAsync(request, cancellationToken).ConfigureAwait(false);
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var items = SseParser.Create(stream, (_, data) => System.Text.Encoding.UTF8.GetString(data)).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (true)
            {
                try
                {
                    if (!await items.MoveNextAsync().ConfigureAwait(false)) yield break;
                }
                catch (Exception e) when (e is IOException or HttpRequestException && !cancellationToken.IsCancellationRequested)
                {
                    throw new LipSolUnreachableException($"The connection to {connection.Url} was lost while following run {runId} ({e.Message}).", e);
                }
                switch (items.Current.EventType)
                {
                    case "run":
                        yield return JsonSerializer.Deserialize<RunEvent>(items.Current.Data, LipSolJson.Options)!;
                        break;
                    case "end":
                        yield return null;
                        yield break;
                }
            }
        }
    }
}
