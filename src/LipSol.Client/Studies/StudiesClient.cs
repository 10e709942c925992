using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>Groups of runs that answer one question: seeds, leave-one-speaker-out, learning curves.</summary>
/// <example>
/// <code>
/// var plan = StudyPlan.OverClips(new StartRun { Experiment = "how many clips", Network = "word-tcn", Corpus = "urdu" }, [50, 100, 200, null], [1, 2, 3]);
/// var study = await client.Studies.RunAsync(plan);
/// foreach (var group in study.Summaries!.Groups)
///     Console.WriteLine($"{group.TrainClips} clips: {group.Figures["word_accuracy"].Mean:P1}");
/// </code>
/// </example>
public sealed class StudiesClient
{
    private const int Page = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.5);

    private readonly NodeConnection connection;
    private readonly LipSolClient client;
    private readonly TimeProvider time;

    internal StudiesClient(NodeConnection connection, LipSolClient client, TimeProvider time)
    {
        this.connection = connection;
        this.client = client;
        this.time = time;
    }

    /// <summary>Starts what a plan asks for, waits until it's done and puts it into figures. Asked again, it goes on where it was: see <see cref="StartAsync"/>.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    public async Task<Study> RunAsync(StudyPlan plan, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default) =>
        await FinishAsync(plan, await StartAsync(plan, cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Queues the runs of a plan; returns at once. A run of the experiment with the same spec (network, with its source where a person wrote it; data, code version, parameters, seed, threads, weights to start from) is taken as it is; where it was
    /// stopped, interrupted or failed, it goes on from its last checkpoint.
    /// </summary>
    /// <returns>The runs, group by group.</returns>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Run>>> StartAsync(StudyPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var code = (await client.GetNodeAsync(cancellationToken).ConfigureAwait(false)).Version;
        var data = new Dictionary<string, string>();
        var known = new Dictionary<string, IReadOnlyList<Run>>();
        var versions = new Dictionary<string, InitialWeights>();
        var sources = await SourcesAsync(cancellationToken).ConfigureAwait(false);
        var started = new List<IReadOnlyList<Run>>();
        foreach (var group in plan.Groups)
        {
            var runs = new List<Run>();
            foreach (var asked in group.Runs)
            {
                var planned = asked with { InitFrom = await SettledAsync(asked.InitFrom, versions, cancellationToken).ConfigureAwait(false) };
                if (!data.TryGetValue(planned.Corpus, out var hash))
                    data[planned.Corpus] = hash = (await client.Corpora.GetAsync(planned.Corpus, cancellationToken).ConfigureAwait(false)).Summary.DataHash;
                if (!known.TryGetValue(planned.Experiment, out var there))
                    known[planned.Experiment] = there = await ListAsync(planned.Experiment, cancellationToken).ConfigureAwait(false);
                var source = sources.GetValueOrDefault(planned.Network);
                var same = there.Where(r => IsSame(r, planned, hash, source, code)).OrderBy(r => Use(r.Status)).FirstOrDefault();
                runs.Add(same is null
                    // The id follows from the spec: two commands at once start one run.
                    ? await client.Runs.StartAsync(planned with { RequestId = RequestId(planned, hash, source, code) }, cancellationToken).ConfigureAwait(false)
                    : Use(same.Status) > 1 ? await client.Runs.ResumeAsync(same.Id, cancellationToken).ConfigureAwait(false) : same);
            }
            started.Add(runs);
        }
        return started;
    }

    /// <summary>Waits until runs are over and puts them into figures.</summary>
    /// <param name="plan">What was asked.</param>
    /// <param name="runs">What <see cref="StartAsync"/> gave.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Stops waiting; the runs go on.</param>
    public async Task<Study> FinishAsync(StudyPlan plan, IReadOnlyList<IReadOnlyList<Run>> runs, IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(runs);
        var latest = runs.SelectMany(group => group).DistinctBy(r => r.Id).ToDictionary(r => r.Id);
        while (true)
        {
            progress?.Report(Progress(latest.Values));
            if (latest.Values.All(r => r.Status is not (RunStatus.Queued or RunStatus.Running))) break;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            foreach (var run in latest.Values.Where(r => r.Status is RunStatus.Queued or RunStatus.Running).ToArray())
                latest[run.Id] = await client.Runs.GetAsync(run.Id, cancellationToken).ConfigureAwait(false);
        }
        IReadOnlyList<IReadOnlyList<Run>> ended = [.. runs.Select(group => (IReadOnlyList<Run>)[.. group.Select(r => latest[r.Id])])];
        var completed = plan.Groups.Zip(ended, (group, members) => new RunGroup(group.Label, [.. members.Where(r => r.Status == RunStatus.Completed).Select(r => r.Id)], group.Speaker)).Where(g => g.Runs.Count > 0).ToArray();
        return new Study(plan, ended, completed.Length == 0 ? null : await SummariseAsync(completed, plan.Kind is StudyKind.OverClips or StudyKind.OverSpeakers ? plan.Kind : null, plan.Targets, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks the runs that are under way to stop behind a checkpoint; the same plan goes on from there.</summary>
    public async Task StopAsync(IReadOnlyList<IReadOnlyList<Run>> runs, string reason, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        // Those that wait first, so that none of them takes the slot that another leaves.
        foreach (var run in runs.SelectMany(group => group).Reverse())
        {
            if ((await client.Runs.GetAsync(run.Id, cancellationToken).ConfigureAwait(false)).Status is RunStatus.Queued or RunStatus.Running)
                await client.Runs.StopAsync(run.Id, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts completed runs into figures: mean, spread and interval of each group, on the same test clips.</summary>
    /// <exception cref="LipSolNotFoundException">No such run.</exception>
    /// <exception cref="LipSolRefusedException">A run isn't completed, or runs of a group were tested on different clips.</exception>
    /// <param name="groups">The groups.</param>
    /// <param name="curve">What grows from group to group, where anything does: a curve is fitted then.</param>
    /// <param name="targets">Values that figures are to reach, by figure.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<RunSummaries> SummariseAsync(IReadOnlyList<RunGroup> groups, StudyKind? curve = null, IReadOnlyDictionary<string, double>? targets = null, CancellationToken cancellationToken = default) =>
        connection.PostAsync<RunSummaries>("api/v1/runs/summaries", new SummariseRuns(groups, curve, targets), cancellationToken);

    private async Task<IReadOnlyList<Run>> ListAsync(string experiment, CancellationToken cancellationToken)
    {
        var all = new List<Run>();
        while (true)
        {
            var page = await client.Runs.ListAsync(experiment, null, all.Count, Page, cancellationToken).ConfigureAwait(false);
            all.AddRange(page);
            if (page.Count < Page) return all;
        }
    }

    // Where an alias points now is what all runs of the plan start from, and what those that are there are compared with.
    private async Task<InitialWeights?> SettledAsync(InitialWeights? weights, Dictionary<string, InitialWeights> versions, CancellationToken cancellationToken)
    {
        if (weights is not { Kind: WeightsKind.Version, Id: var id }) return weights;
        if (!versions.TryGetValue(id, out var settled))
            versions[id] = settled = await client.Models.SettleAsync(ModelReference.Parse(id), cancellationToken).ConfigureAwait(false);
        return weights with { Id = settled.Id };
    }

    // What the names of people's networks stand for now: a new source under an old name is another network.
    private async Task<Dictionary<string, string>> SourcesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.Networks.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(n => n.Name, n => n.Source);
        }
        catch (LipSolNotFoundException)
        {
            // A node of a LipSol that knows no such networks.
            return [];
        }
    }

    // 0: done; 1: under way; 2: can go on.
    private static int Use(RunStatus status) => status switch { RunStatus.Completed => 0, RunStatus.Running or RunStatus.Queued => 1, _ => 2 };

    private static bool IsSame(Run run, StartRun planned, string dataHash, string? source, string code) =>
        run.Network == planned.Network && run.NetworkSource == source && run.Corpus == planned.Corpus && run.DataHash == dataHash && run.CodeVersion == code && run.Seed == planned.Seed && run.Threads == planned.Threads
        && InitialWeights.AreSame(run.InitFrom, planned.InitFrom)
        && run.Parameters.Count == planned.Parameters.Count && planned.Parameters.All(p => run.Parameters.TryGetValue(p.Key, out var value) && value == p.Value);

    private static string RequestId(StartRun planned, string dataHash, string? source, string code)
    {
        var spec = new { planned.Network, planned.Corpus, dataHash, code, planned.Seed, planned.Threads, InitFrom = InitialWeights.Key(planned.InitFrom), Parameters = new SortedDictionary<string, string>(planned.Parameters.ToDictionary(), StringComparer.Ordinal) };
        return "study-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(spec) + source)));
    }

    // Loading and evaluating count from 0 to 1 as well: what takes time is training.
    private static double Done(Run run) => run.Status switch
    {
        RunStatus.Queued => run.Progress,
        RunStatus.Running => run.Phase switch { "training" => run.Progress, null or "loading" => 0, _ => 1 },
        _ => 1,
    };

    private static StudyProgress Progress(IReadOnlyCollection<Run> runs) => new(runs.Count, runs.Count(r => r.Status == RunStatus.Completed),
        runs.Average(Done), runs.FirstOrDefault(r => r.Status == RunStatus.Running));
}
