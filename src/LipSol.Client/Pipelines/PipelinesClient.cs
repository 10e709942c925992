using System.Runtime.CompilerServices;

namespace LipSol.Client;

/// <summary>Pipelines: what is done every day by itself, from new recordings to a model in production.</summary>
/// <example>
/// <code>
/// var pipeline = await client.Pipelines.RegisterAsync(File.ReadAllText("daily-digits.yaml"));
/// Console.WriteLine($"next: {pipeline.NextTold}");
/// var run = await client.Pipelines.StartAsync("daily-digits");
/// await foreach (var now in client.Pipelines.FollowAsync(run.Pipeline, run.Number)) Console.WriteLine(now.Picture.Text);
/// </code>
/// </example>
public sealed class PipelinesClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(2);
    private readonly NodeConnection connection;
    private readonly TimeProvider time;

    internal PipelinesClient(NodeConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
    }

    /// <summary>Registers a file. The same again changes nothing; another one of the same name is the next definition: runs that have begun keep theirs.</summary>
    /// <exception cref="LipSolRefusedException">It can't be used (<c>bad-pipeline</c>); the message has the lines and what to do.</exception>
    public Task<Pipeline> RegisterAsync(string yaml, CancellationToken cancellationToken = default) => connection.PostAsync<Pipeline>("api/v1/pipelines", new RegisterPipeline(yaml), cancellationToken);

    /// <inheritdoc cref="RegisterAsync(string, CancellationToken)"/>
    public Task<Pipeline> RegisterAsync(PipelineBuilder pipeline, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return RegisterAsync(pipeline.ToYaml(), cancellationToken);
    }

    /// <summary>All pipelines, by name.</summary>
    public Task<IReadOnlyList<Pipeline>> ListAsync(CancellationToken cancellationToken = default) => connection.GetAsync<IReadOnlyList<Pipeline>>("api/v1/pipelines", cancellationToken);

    /// <summary>A pipeline.</summary>
    /// <exception cref="LipSolNotFoundException">There's none.</exception>
    public Task<Pipeline> GetAsync(string name, CancellationToken cancellationToken = default) => connection.GetAsync<Pipeline>(Path(name), cancellationToken);

    /// <summary>Begins a run by hand. With a <paramref name="requestId"/>, repeating the call begins nothing twice.</summary>
    /// <exception cref="LipSolRefusedException">One still runs, and the pipeline's rule is to skip.</exception>
    public Task<PipelineRun> StartAsync(string name, string? requestId = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<PipelineRun>(Path(name) + "/runs", new StartPipeline(requestId), cancellationToken);

    /// <summary>Begins a run for each time that the schedule had on these days, one after another. Returns their numbers. With a <paramref name="requestId"/>, repeating the call begins nothing twice.</summary>
    public Task<IReadOnlyList<int>> BackfillAsync(string name, DateOnly from, DateOnly to, string? requestId = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<IReadOnlyList<int>>(Path(name) + "/backfill", new BackfillPipeline(from, to, requestId), cancellationToken);

    /// <summary>A run.</summary>
    /// <exception cref="LipSolNotFoundException">There's none of this number, or it waits for others.</exception>
    public Task<PipelineRun> GetRunAsync(string name, int number, CancellationToken cancellationToken = default) => connection.GetAsync<PipelineRun>(Path(name, number), cancellationToken);

    /// <summary>A run as it goes on, whenever something about it has changed, until it's over. A node that doesn't answer is waited for, up to two minutes.</summary>
    public async IAsyncEnumerable<PipelineRun> FollowAsync(string name, int number, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? seen = null;
        var answered = time.GetTimestamp();
        while (true)
        {
            PipelineRun? run = null;
            try
            {
                run = await GetRunAsync(name, number, cancellationToken).ConfigureAwait(false);
                answered = time.GetTimestamp();
            }
            catch (LipSolException e) when (e is LipSolUnreachableException or LipSolOverloadedException && time.GetElapsedTime(answered) < Patience)
            {
                // A node that is started anew.
            }
            if (run is not null)
            {
                var now = string.Join('\n', run.Steps.Select(s => $"{s.Status} {s.Tries} {s.Progress}").Prepend(run.Status.ToString()));
                if (now != seen) yield return run;
                seen = now;
                if (run.IsOver) yield break;
            }
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Cancels a run; 0: the one that is under way. A promotion that has begun is let end.</summary>
    /// <exception cref="LipSolRefusedException">It isn't under way.</exception>
    public Task<Pipeline> CancelAsync(string name, int number = 0, string? reason = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<Pipeline>(Path(name, number) + "/cancel", new CancelPipelineRun(reason), cancellationToken);

    /// <summary>Goes on with a run that failed or was cancelled: what is done stays.</summary>
    /// <exception cref="LipSolRefusedException">There's nothing to go on with, or another run is under way.</exception>
    public Task<PipelineRun> ResumeRunAsync(string name, int number, CancellationToken cancellationToken = default) => connection.PostAsync<PipelineRun>(Path(name, number) + "/resume", null, cancellationToken);

    /// <summary>The schedule begins no run until <see cref="ResumeAsync"/>.</summary>
    public Task<Pipeline> PauseAsync(string name, CancellationToken cancellationToken = default) => connection.PostAsync<Pipeline>(Path(name) + "/pause", null, cancellationToken);

    /// <summary>The schedule holds again, from now on.</summary>
    public Task<Pipeline> ResumeAsync(string name, CancellationToken cancellationToken = default) => connection.PostAsync<Pipeline>(Path(name) + "/resume", null, cancellationToken);

    /// <summary>What happened, newest first.</summary>
    public Task<PipelineHistory> GetHistoryAsync(string name, int skip = 0, int take = 50, CancellationToken cancellationToken = default) =>
        connection.GetAsync<PipelineHistory>(Path(name) + "/history" + QueryText.Of(("skip", skip), ("take", take)), cancellationToken);

    /// <summary>Takes a pipeline away. What its runs made stays.</summary>
    /// <exception cref="LipSolRefusedException">One of its runs is under way.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(new HttpRequestMessage(HttpMethod.Delete, Path(name)), cancellationToken).ConfigureAwait(false);
    }

    private static string Path(string name) => $"api/v1/pipelines/{Uri.EscapeDataString(name)}";

    private static string Path(string name, int number) => FormattableString.Invariant($"{Path(name)}/runs/{number}");
}
