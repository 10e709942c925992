using LipSol.Artifacts;
using LipSol.Testing.Cluster.Processes;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

public sealed class FullDiskTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_run_whose_work_folder_is_on_a_full_disk_waits_and_says_so_and_can_be_stopped()
    {
        using var disk = SmallDisk.Mount(40);
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(await corpus.TrainingJobAsync(Path.Combine(disk.Path, "work")), said);
        await said.WaitForAsync<Heartbeat>(Waits);
        var exit = await worker.StopAsync("enough", TimeSpan.FromMinutes(1));
        Assert.Equal(WorkerEnd.Stopped, exit.End);
        Assert.Empty(said.Data.OfType<CheckpointWritten>());
    }

    [Fact]
    public async Task A_run_whose_artifact_store_is_full_waits_and_goes_on_once_there_is_room()
    {
        await corpus.ResultAsync();
        using var disk = SmallDisk.Mount(64 * 1024);
        var store = Path.Combine(disk.Path, "artifacts");
        Copy(Path.Combine(corpus.DataFolder, "artifacts"), store);
        disk.Fill(leaveKibibytes: 40);
        var said = new RecordingSink();
        await using var worker = await RealWorker.StartAsync(await corpus.TrainingJobAsync(scratch["work"]) with { ArtifactRoot = store }, said);
        await said.WaitForAsync<Heartbeat>(Waits);
        Assert.Empty(said.Data.OfType<CheckpointWritten>());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(store, "tmp")));
        // Metrics that were sent before are not lost with it.
        await said.WaitForAsync<MetricBatch>(b => b.Points.Count > 0);

        disk.Free();
        var exit = await worker.Ended.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        Assert.All(said.Data.OfType<CheckpointWritten>(), c => Assert.True(new FolderArtifactStore(store).Exists(c.Artifact)));
    }

    private static bool Waits(Heartbeat heartbeat) => heartbeat.Phase == "waiting: the node's disk is full";

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
