using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Client;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Silo.Runs;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Networks;

/// <summary>Has networks that people wrote compiled and tried, one at a time, each in a confined process of its own.</summary>
internal sealed class NetworkTrials(WorkersOptions options, RunInputs inputs, ILogger<NetworkTrials> logger) : IDisposable
{
    private const int Waiting = 8, MostFaults = 20, LongestFault = 10_000, MostParameters = 256, LongestText = 1000;
    private const long Memory = 4L << 30;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly SemaphoreSlim turn = new(1, 1);
    private int waiting;

    /// <exception cref="ApiException">Too many wait; or it can't be tried here, or took too long.</exception>
    public async Task<NetworkResult> TryAsync(AddNetwork network, string dataHash, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref waiting) > Waiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new ApiException(StatusCodes.Status429TooManyRequests, "overloaded", $"{Waiting} networks wait to be tried already. Send it again in a little while.");
        }

        try
        {
            await turn.WaitAsync(cancellationToken);
            try
            {
                return await RunAsync(network, dataHash, cancellationToken);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task<NetworkResult> RunAsync(AddNetwork network, string dataHash, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.WorkFolder, $"network-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            // The worker holds no keys of a remote: what it reads is here before it starts.
            await inputs.FetchFewAsync(dataHash, cancellationToken);
            var job = new NetworkJob
            {
                Name = network.Name,
                Source = network.Source,
                ArtifactRoot = options.ArtifactFolder,
                WorkFolder = folder,
                DataHash = dataHash,
                Parameters = network.Parameters,
                Threads = Math.Max(1, Environment.ProcessorCount / 2),
                CodeVersion = NodeVersion.Text,
            };
            await using var worker = await WorkerProcess.StartAsync(job, ForeignCode.Confine(options.Process, options.ArtifactFolder, folder) with { MemoryLimit = Memory, StandstillLimit = Limit }, new Unheard(), cancellationToken);
            using var limit = new CancellationTokenSource(Limit);
            using var cancelled = cancellationToken.Register(() => worker.Kill("the request was cancelled"));
            using var late = limit.Token.Register(() => worker.Kill($"it wasn't done within {Limit.TotalMinutes:0} minutes"));
            var exit = await worker.Ended;
            cancellationToken.ThrowIfCancellationRequested();
            if (exit.Result is NetworkResult result && IsModest(result)) return result with { Faults = [.. result.Faults.Take(MostFaults).Select(f => f with { Message = Cut(f.Message), Code = Cut(f.Code) })] };
            logger.LogWarning("The network {Network} could not be tried: {Reason}", network.Name, exit.Reason);
            throw new ApiException(StatusCodes.Status422UnprocessableEntity, "network-failed", $"The network {network.Name} could not be tried: {exit.Reason ?? "its worker answered with more than a network has"}");
        }
        catch (Exception e) when (e is WorkerStartException or DvcException or ArtifactNotFoundException)
        {
            throw new ApiException(StatusCodes.Status422UnprocessableEntity, "network-failed", e.Message);
        }
        finally
        {
            WorkFolder.Remove(folder, logger);
        }
    }

    // What is kept of it was told by the very code that was tried.
    private static bool IsModest(NetworkResult result) => result.Faults.Count > 0
        || result.Reads is "word" or "characters" && result.Parameters.Count <= MostParameters && result.Parameters.All(p => p.Name.Length <= LongestText && p.Meaning.Length <= LongestText && p.Default.Length <= LongestText);

    private static string Cut(string text) => text.Length <= LongestFault ? text : text[..LongestFault] + "…";

    /// <summary>Metrics and checkpoints of a trial are nobody's.</summary>
    private sealed class Unheard : IWorkerSink
    {
        public Task OnDataAsync(DataMessage message) => Task.CompletedTask;

        public Task OnHeartbeatAsync(Heartbeat heartbeat) => Task.CompletedTask;

        public void OnLog(string line)
        {
            // What matters is in the result.
        }
    }
}
