using System.Net;
using System.Net.Sockets;
using LipSol.Artifacts;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Grains.Ports;
using LipSol.Silo.Artifacts;
using LipSol.Silo.Node;
using LipSol.Silo.Runs;
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
        var host = new WorkerHost(options, new Obstacles(null!), RunInputs.Local, TimeProvider.System, NullLogger<WorkerHost>.Instance);
        var spec = new RunSpec { Experiment = "e", Name = "n", Network = "word-tcn", Corpus = "c", DataHash = "d", Parameters = [], Threads = asked };
        var events = new Ending();
        await host.StartAsync(new WorkerStart("run", 1, spec, null, device, threads), events, TestContext.Current.CancellationToken);
        await events.Ended.Task.WaitAsync(TestContext.Current.CancellationToken);

        var log = await File.ReadAllTextAsync(Path.Combine(options.LogFolder, "run.log"));
        Assert.Contains($"CUDA_VISIBLE_DEVICES={visible}\n", log);
        Assert.Contains($"OMP_NUM_THREADS={expected}\n", log);
        Assert.Contains($"MKL_NUM_THREADS={expected}\n", log);
    }

    [Fact]
    public async Task What_a_persons_network_names_that_it_didnt_make_ends_its_run_and_stays_where_it_is()
    {
        var store = new FolderArtifactStore(Path.Combine(folder.FullName, "artifacts"));
        var others = store.PutBytes("somebody's mouth clip"u8);
        var options = new WorkersOptions
        {
            DataFolder = folder.FullName,
            ArtifactFolder = store.Root,
            CodeVersion = "test",
            Process = new WorkerProcessOptions { Executable = TestWorker, Arguments = ["claims", others], StartDeadline = TimeSpan.FromSeconds(60) },
        };
        var host = new WorkerHost(options, new Obstacles(null!), RunInputs.Local, TimeProvider.System, NullLogger<WorkerHost>.Instance);
        var spec = new RunSpec { Experiment = "e", Name = "n", Network = "own", Corpus = "c", DataHash = "d", Parameters = [], NetworkSource = store.PutBytes("source"u8) };
        var events = new Ending();
        await host.StartAsync(new WorkerStart("run", 1, spec, null, "cpu", 1), events, TestContext.Current.CancellationToken);
        var end = await events.Ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        // Failed, and not interrupted: it would do so again.
        Assert.Equal((RunStatus.Failed, true), (end.Status, end.BadInput));
        Assert.Contains("isn't what it said", end.Reason);
        Assert.Empty(events.Checkpoints);
        Assert.True(store.Exists(others));

        // A network of LipSol's is believed: its worker writes into the store itself.
        var believed = new Ending();
        await host.StartAsync(new WorkerStart("other", 1, spec with { NetworkSource = null }, null, "cpu", 1), believed, TestContext.Current.CancellationToken);
        await believed.Ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal([others], believed.Checkpoints);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_what_a_remote_sends()
    {
        // A store that takes requests and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var data = Directory.CreateDirectory(Path.Combine(folder.FullName, "data"));
        Directory.CreateDirectory(Path.Combine(data.FullName, "remote"));
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "remote", "config"), $"['remote \"silent\"']\n    url = s3://bucket/x\n    endpointurl = http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}\n    access_key_id = a\n    secret_access_key = b\n", TestContext.Current.CancellationToken);
        using var remote = NodeRemote.Open(new NodeOptions { DataFolder = data.FullName, Remote = "silent" });
        var catalog = new CorpusCatalog(data.FullName);
        var hash = catalog.Set(new CorpusManifest
        {
            Name = "c", Kind = CorpusKind.Recorded, Language = "ur", Origin = new Dictionary<string, string>(),
            Clips = [new CorpusClip { Id = "a", Path = "a.mp4", ContentHash = new string('a', 32), Speaker = "s", Split = Split.Train, Text = "ایک", MouthClip = new string('b', 32) }],
        });
        var options = new WorkersOptions { DataFolder = data.FullName, ArtifactFolder = catalog.Artifacts.Root, CodeVersion = "test", Process = new WorkerProcessOptions { Executable = TestWorker } };
        var host = new WorkerHost(options, new Obstacles(null!), new RunInputs(catalog.Artifacts, remote), TimeProvider.System, NullLogger<WorkerHost>.Instance);
        var spec = new RunSpec { Experiment = "e", Name = "n", Network = "word-tcn", Corpus = "c", DataHash = hash, Parameters = [] };
        var events = new Ending();
        var starting = host.StartAsync(new WorkerStart("run", 1, spec, null, "cpu", 1), events, TestContext.Current.CancellationToken);
        using var asked = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("fetching", await events.Phase.Task.WaitAsync(TestContext.Current.CancellationToken));

        await host.StopAsync("run", 1, TimeSpan.FromHours(1)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.False(host.IsRunning("run", 1));
    }

    private sealed class Ending : IWorkerEvents
    {
        public TaskCompletionSource<AttemptEnd> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task MetricsAsync(long batch, List<MetricPoint> points) => Task.CompletedTask;

        public List<string> Checkpoints { get; } = [];

        public Task CheckpointAsync(Checkpoint checkpoint)
        {
            Checkpoints.Add(checkpoint.Artifact);
            return Task.CompletedTask;
        }

        public Task ArtifactAsync(string name, string artifact) => Task.CompletedTask;

        public TaskCompletionSource<string> Phase { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task HeartbeatAsync(WorkerHeartbeat heartbeat)
        {
            Phase.TrySetResult(heartbeat.Phase);
            return Task.CompletedTask;
        }

        public Task EndedAsync(AttemptEnd end)
        {
            Ended.TrySetResult(end);
            return Task.CompletedTask;
        }
    }
}
