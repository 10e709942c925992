using LipSol.Artifacts;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

public sealed class FullDiskTests(TinyCorpus corpus) : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_work_folder_on_a_full_disk_fails_the_run_with_that_reason()
    {
        using var disk = SmallDisk.Mount(40);
        var work = Path.Combine(disk.Path, "work");
        var (exit, said) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(work));
        Assert.Equal((WorkerEnd.Failed, false, 1), (exit.End, exit.BadInput, exit.ExitCode));
        Assert.Contains("disk is full", exit.Reason);
        Assert.Contains(work, exit.Reason);
        Assert.Empty(said.Data.OfType<CheckpointWritten>());
    }

    [Fact]
    public async Task A_full_artifact_store_fails_the_run_and_what_was_told_is_there()
    {
        await corpus.ResultAsync();
        using var disk = SmallDisk.Mount(64 * 1024);
        var store = Path.Combine(disk.Path, "artifacts");
        Copy(Path.Combine(corpus.DataFolder, "artifacts"), store);
        disk.Fill(leaveKibibytes: 40);
        var (exit, said) = await RealWorker.RunAsync(await corpus.TrainingJobAsync(scratch["work"]) with { ArtifactRoot = store });
        Assert.Equal((WorkerEnd.Failed, false), (exit.End, exit.BadInput));
        Assert.Contains("disk is full", exit.Reason);
        Assert.Contains(store, exit.Reason);
        Assert.All(said.Data.OfType<CheckpointWritten>(), c => Assert.True(new FolderArtifactStore(store).Exists(c.Artifact)));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(store, "tmp")));
        // Metrics that were sent before are not lost with it.
        Assert.NotEmpty(said.Data.OfType<MetricBatch>().SelectMany(b => b.Points));
    }

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
