using System.Diagnostics;
using System.Text.Json;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Workers;

/// <summary>A worker whose host is killed: SIGKILL leaves the host no time to say anything.</summary>
public sealed class ParentTests(TinyCorpus corpus) : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_worker_that_trains_ends_with_its_parent()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"], ("epochs", "10000"), ("patience", "0"));
        Assert.True(await EndsWithItsParentAsync(job, "training"), "the worker outlived its host");
    }

    [Fact]
    public async Task A_worker_that_waits_for_uploads_ends_with_its_parent() =>
        Assert.True(await EndsWithItsParentAsync(new UploadJob(), "waiting"), "the worker outlived its host");

    [Fact]
    public async Task A_worker_that_is_in_native_code_ends_with_its_parent()
    {
        var clip = Clips.Talking(scratch["long.mp4"], 200);
        Assert.True(await EndsWithItsParentAsync(new CropJob { Clips = [.. Enumerable.Repeat(clip, 100)], OutFolder = scratch["out"], Parallelism = 1 }, "tracking"), "the worker outlived its host");
        Assert.DoesNotContain(Directory.EnumerateFiles(scratch["out"]), f => f.EndsWith(".npz", StringComparison.Ordinal) && new FileInfo(f).Length == 0);
    }

    private async Task<bool> EndsWithItsParentAsync(WorkerJob job, string phase)
    {
        await File.WriteAllTextAsync(scratch["job.json"], JsonSerializer.Serialize(job), TestContext.Current.CancellationToken);
        var testWorker = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.WorkerProtocol.TestWorker", "release", "LipSol.WorkerProtocol.TestWorker.dll"));
        var start = WorkerExecutable.StartInfo(testWorker, ["hosts", RealWorker.Dll, scratch["job.json"], "-"]);
        start.RedirectStandardOutput = true;
        using var host = Process.Start(start)!;
        try
        {
            var worker = int.Parse((await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
            while (await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } said && said != phase) { }
            Assert.True(RealWorker.IsAlive(worker));
            host.Kill();
            return await RealWorker.EndsWithinAsync(worker, Soon);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
        }
    }
}
