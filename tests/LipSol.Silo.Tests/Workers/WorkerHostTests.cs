using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace LipSol.Silo.Tests.Workers;

/// <summary>What a slot's worker is given, seen by a real process.</summary>
public sealed class WorkerHostTests : IDisposable
{
    private static readonly string TestWorker = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.WorkerProtocol.TestWorker", "release", "LipSol.WorkerProtocol.TestWorker.dll"));
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lipsol-host-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("cuda:3", 0, 4, "3", "4")]
    [InlineData("cpu", 0, 2, "", "2")]
    // What the run asks for decides its numbers, and goes before the slot's share.
    [InlineData("cpu", 1, 2, "", "1")]
    public async Task A_worker_sees_its_slots_GPU_alone_and_computes_with_its_threads(string device, int asked, int threads, string visible, string expected)
    {
        var options = new WorkersOptions
        {
            DataFolder = folder.FullName,
            ArtifactFolder = Path.Combine(folder.FullName, "artifacts"),
            CodeVersion = "test",
            Process = new WorkerProcessOptions { Executable = TestWorker, Arguments = ["environment"], StartDeadline = TimeSpan.FromSeconds(60) },
        };
        var host = new WorkerHost(options, new Obstacles(null!), TimeProvider.System, NullLogger<WorkerHost>.Instance);
        var spec = new RunSpec { Experiment = "e", Name = "n", Network = "word-tcn", Corpus = "c", DataHash = "d", Parameters = [], Threads = asked };
        var events = new Ending();
        await host.StartAsync(new WorkerStart("run", 1, spec, null, device, threads), events, TestContext.Current.CancellationToken);
        await events.Ended.Task.WaitAsync(TestContext.Current.CancellationToken);

        var log = await File.ReadAllTextAsync(Path.Combine(options.LogFolder, "run.log"));
        Assert.Contains($"CUDA_VISIBLE_DEVICES={visible}\n", log);
        Assert.Contains($"OMP_NUM_THREADS={expected}\n", log);
        Assert.Contains($"MKL_NUM_THREADS={expected}\n", log);
    }

    private sealed class Ending : IWorkerEvents
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task MetricsAsync(long batch, List<MetricPoint> points) => Task.CompletedTask;

        public Task CheckpointAsync(Checkpoint checkpoint) => Task.CompletedTask;

        public Task ArtifactAsync(string name, string artifact) => Task.CompletedTask;

        public Task HeartbeatAsync(WorkerHeartbeat heartbeat) => Task.CompletedTask;

        public Task EndedAsync(AttemptEnd end)
        {
            Ended.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
