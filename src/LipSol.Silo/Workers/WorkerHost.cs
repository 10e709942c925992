using System.Collections.Concurrent;
using System.Globalization;
using LipSol.Artifacts;
using LipSol.Grains.Ports;
using LipSol.Silo.Runs;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>This node's training processes, one a lease.</summary>
internal sealed class WorkerHost(WorkersOptions options, Obstacles obstacles, RunInputs inputs, TimeProvider time, ILogger<WorkerHost> logger) : IWorkerHost, IHostedService
{
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(8);

    // Loading, evaluating and exporting report how far they are; half an hour at one step is a deadlock in native code.
    private static readonly TimeSpan StandstillLimit = TimeSpan.FromMinutes(30);
    private const string Gpu = "cuda:";
    private readonly ConcurrentDictionary<(string RunId, long Epoch), RunWorker> workers = new();

    /// <inheritdoc/>
    /// <exception cref="WorkerStartException">The process didn't come up. Nothing is told to <paramref name="events"/>.</exception>
    public async Task StartAsync(WorkerStart start, IWorkerEvents events, CancellationToken cancellationToken)
    {
        // The scheduler knows, and gives it to others; it's this node's to keep.
        if (start.Spec.NetworkSource is not null && !options.Networks) throw new WorkerStartException("This node trains no networks that people write (it was started with --networks off).");
        var key = (start.RunId, start.Epoch);
        var log = new RunLog(RunLog.PathOf(options.LogFolder, start.RunId), time);
        var workFolder = Path.Combine(options.WorkFolder, $"{start.RunId}-{start.Epoch}");
        var worker = new RunWorker(start, events, log, obstacles, time, logger) { Foreign = start.Spec.NetworkSource is null ? null : new ForeignArtifacts(ForeignCode.MadeIn(workFolder), new FolderArtifactStore(options.ArtifactFolder), options.Models) };
        if (!workers.TryAdd(key, worker))
        {
            log.Dispose();
            throw new InvalidOperationException($"Run {start.RunId} has a worker for lease {start.Epoch} already.");
        }
        try
        {
            Directory.CreateDirectory(workFolder);
            log.Write($"[lipsol] attempt {start.Epoch} of {start.Spec.Network} on {start.Spec.Corpus} ({start.Device}, seed {start.Spec.Seed}){(start.ResumeFrom is { } c ? $", from the checkpoint at step {c.Step}" : "")}");
            // The worker holds no keys of a remote: what it reads is here before it starts.
            using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, worker.GivenUp);
            await worker.FetchAsync(progress => inputs.FetchAsync(start, line => log.Write("[lipsol] " + line), progress, given.Token));
            given.Token.ThrowIfCancellationRequested();
            var process = await WorkerProcess.StartAsync(JobOf(start, workFolder), ProcessOf(start, workFolder), worker, cancellationToken);
            log.Write($"[lipsol] the worker is process {process.ProcessId}");
            worker.Attach(process, () => Forget(key, workFolder));
            logger.LogInformation("Run {Run} trains in process {Process} (lease {Epoch})", start.RunId, process.ProcessId, start.Epoch);
        }
        catch
        {
            worker.GiveUp();
            log.Dispose();
            Forget(key, workFolder);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(string runId, long epoch, TimeSpan grace)
    {
        if (workers.TryGetValue((runId, epoch), out var worker)) await worker.StopAsync("stopped on request", grace);
    }

    /// <inheritdoc/>
    public async Task InterruptAsync(string runId, long epoch, string reason, TimeSpan grace)
    {
        if (workers.TryGetValue((runId, epoch), out var worker)) await worker.StopAsync(reason, grace, goesOn: true);
    }

    /// <inheritdoc/>
    public bool IsRunning(string runId, long epoch) => workers.ContainsKey((runId, epoch));

    /// <summary>Kills every worker at once; nothing is told of it.</summary>
    public void KillAll(string reason)
    {
        foreach (var worker in workers.Values) worker.Kill(reason);
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        // What an earlier node left when it was killed; its workers are gone with it.
        WorkFolder.Remove(options.WorkFolder, logger);
        return Task.CompletedTask;
    }

    /// <summary>The node shuts down: its workers write a checkpoint and stop.</summary>
    async Task IHostedService.StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(workers.Values.Select(w => w.StopAsync("the node shut down", ShutdownGrace, goesOn: true))).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // On a full disk ends can't be recorded: the next start finds these runs without a worker.
            logger.LogWarning("The node goes before the ends of its runs could be recorded");
        }
    }

    /// <summary>Kills the workers among these that hold none of the leases: their runs go on elsewhere, and nothing that they report would be taken.</summary>
    /// <param name="known">The workers as they were before the leases were asked for: one that started since may have a lease that isn't among them.</param>
    /// <param name="leases">The node's leases.</param>
    public void EndAllBut(IReadOnlyCollection<(string RunId, long Epoch)> known, IEnumerable<(string RunId, long Epoch)> leases)
    {
        foreach (var key in known.Except(leases))
        {
            if (!workers.TryGetValue(key, out var worker)) continue;
            logger.LogWarning("The worker of run {Run} is ended: its lease {Epoch} is over", key.RunId, key.Epoch);
            worker.EndAsLeaseIsOver("the node no longer holds it");
        }
    }

    /// <summary>The leases whose workers start or run here.</summary>
    public IReadOnlyCollection<(string RunId, long Epoch)> Workers => [.. workers.Keys];

    private WorkerProcessOptions ProcessOf(WorkerStart start, string workFolder)
    {
        var threads = ThreadsOf(start).ToString(CultureInfo.InvariantCulture);
        var process = start.Spec.NetworkSource is null ? options.Process : ForeignCode.Confine(options.Process, options.ArtifactFolder, workFolder);
        return process with
        {
            StandstillLimit = StandstillLimit,
            MemoryLimit = start.Spec.Needs?.Memory ?? 0,
            Environment = new Dictionary<string, string>(process.Environment)
            {
                // The worker sees its own GPU alone, as the first one; numbered as nvidia-smi numbers them.
                ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID",
                ["CUDA_VISIBLE_DEVICES"] = start.Device.StartsWith(Gpu, StringComparison.Ordinal) ? start.Device[Gpu.Length..] : "",
                // What torch's libraries read before torch itself can be told.
                ["OMP_NUM_THREADS"] = threads,
                ["MKL_NUM_THREADS"] = threads,
            },
        };
    }

    private static int ThreadsOf(WorkerStart start) => start.Spec.Threads > 0 ? start.Spec.Threads : start.Threads;

    private TrainingJob JobOf(WorkerStart start, string workFolder) => new()
    {
        RunId = start.RunId,
        Epoch = start.Epoch,
        ArtifactRoot = options.ArtifactFolder,
        WorkFolder = workFolder,
        DataHash = start.Spec.DataHash,
        Network = start.Spec.Network,
        Parameters = start.Spec.Parameters,
        Seed = start.Spec.Seed,
        Threads = ThreadsOf(start),
        Device = start.Device.StartsWith(Gpu, StringComparison.Ordinal) ? Gpu + "0" : start.Device,
        CodeVersion = start.Spec.CodeVersion.Length > 0 ? start.Spec.CodeVersion : options.CodeVersion,
        ResumeFrom = start.ResumeFrom?.Artifact,
        InitFrom = start.Spec.InitFrom is { } from ? ToJob(from) : null,
        NetworkSource = start.Spec.NetworkSource,
        OutRoot = start.Spec.NetworkSource is null ? null : ForeignCode.MadeIn(workFolder),
    };

    private static WorkerProtocol.InitialWeights ToJob(Contracts.Runs.InitialWeights from) => new()
    {
        Kind = from.Kind.ToString().ToLowerInvariant(),
        Id = from.Id,
        Weights = from.Weights,
        Map = from.Map,
        Pretraining = [.. from.Pretraining.Select(p => new WorkerProtocol.Pretraining(p.RunId, p.Corpus, p.DataHash, p.Selection))],
        Unknown = from.Unknown,
        SpeakersSeen = from.SpeakersSeen,
    };

    private void Forget((string, long) key, string workFolder)
    {
        workers.TryRemove(key, out _);
        WorkFolder.Remove(workFolder, logger);
    }
}
