using LipSol.Artifacts;
using LipSol.Corpus;
using LipSol.Worker.Tests.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Training;

/// <summary>Runs that can't be: told as bad input, with words that help, and nothing half-done left behind.</summary>
public sealed class RefusedRunTests(TinyCorpus corpus) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_network_a_parameter_or_a_value_that_does_not_exist()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"]);
        await RefusedAsync(job with { Network = "word-lstm" }, "word-lstm", "word-tcn");
        await RefusedAsync(job with { Parameters = new Dictionary<string, string> { ["epoch"] = "3" } }, "epoch", "epochs");
        await RefusedAsync(job with { Parameters = new Dictionary<string, string> { ["epochs"] = "-3" } }, "epochs", "-3");
        await RefusedAsync(job with { Device = "tpu:9" }, "tpu:9");
    }

    [Fact]
    public async Task Data_that_is_not_there() =>
        await RefusedAsync(await corpus.TrainingJobAsync(scratch["work"]) with { DataHash = new string('0', 32) }, new string('0', 32));

    [Fact]
    public async Task A_corpus_with_one_word_only()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"]);
        var manifest = await corpus.ManifestAsync();
        var one = manifest with { Clips = [.. manifest.Clips.Where(c => c.Text == manifest.Clips[0].Text)] };
        await RefusedAsync(job with { DataHash = new FolderArtifactStore(job.ArtifactRoot).PutBytes(ManifestFile.ToBytes(one)) }, manifest.Clips[0].Text);
    }

    [Fact]
    public async Task A_checkpoint_that_is_damaged_of_another_run_or_gone()
    {
        var job = await corpus.TrainingJobAsync(scratch["work"], ("epochs", "1"));
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit.End == WorkerEnd.Completed, exit.Reason);
        var checkpoint = said.Data.OfType<CheckpointWritten>().Last().Artifact;
        var artifacts = new FolderArtifactStore(job.ArtifactRoot);
        var bytes = artifacts.ReadBytes(checkpoint);
        bytes[bytes.Length / 2] ^= 1;

        await RefusedAsync(job with { Seed = 12, ResumeFrom = checkpoint }, "another|other");
        await RefusedAsync(job with { ResumeFrom = artifacts.PutBytes(bytes) }, "damaged");
        await RefusedAsync(job with { ResumeFrom = artifacts.PutBytes("not a checkpoint"u8) }, "not a checkpoint");
        await RefusedAsync(job with { ResumeFrom = new string('1', 32) }, new string('1', 32));
    }

    [Fact]
    public async Task A_started_worker_without_a_host_says_how_it_is_meant()
    {
        var start = WorkerExecutable.StartInfo(RealWorker.Dll, []);
        start.RedirectStandardError = true;
        using var alone = System.Diagnostics.Process.Start(start)!;
        Assert.Contains("lipsol train", await alone.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await alone.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, alone.ExitCode);
    }

    private static async Task RefusedAsync(TrainingJob job, params string[] words)
    {
        var (exit, said) = await RealWorker.RunAsync(job);
        Assert.True(exit is { End: WorkerEnd.Failed, BadInput: true, ExitCode: 2 }, exit.ToString());
        foreach (var word in words) Assert.Matches(word, exit.Reason);
        Assert.Empty(said.Data.OfType<CheckpointWritten>());
    }
}
