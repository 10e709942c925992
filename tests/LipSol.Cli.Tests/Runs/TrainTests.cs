using LipSol.Cli.Tests.Programs;
using LipSol.Client;

namespace LipSol.Cli.Tests.Runs;

/// <summary>`train` with a node that it starts itself.</summary>
public sealed class TrainTests(Workshop workshop) : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly string[] Endless = ["train", "--corpus", "tiny", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=10000", "--set", "patience=0"];
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Ctrl_C_stops_the_run_behind_a_checkpoint_and_the_node_and_it_can_be_resumed()
    {
        await CopyCorpusAsync();
        await using var train = LipSolProgram.Start(scratch["data"], [.. Endless, "--json"]);
        await TrainsAsync();
        train.CtrlC();
        var answer = (await train.Ended).With(1);
        var run = answer.Document;
        Assert.Equal("stopped", run.GetProperty("status").GetString());
        Assert.Contains("Ctrl-C", run.GetProperty("reason").GetString());
        Assert.True(await train.NothingIsLeftAsync(Soon), "a process outlived the command");

        var id = run.GetProperty("id").GetString()!;
        var shown = (await LipSolProgram.RunAsync(scratch["data"], "runs", "show", id, "--json")).With(0).Document;
        Assert.Equal("stopped", shown.GetProperty("status").GetString());
        await using var resumed = LipSolProgram.Start(scratch["data"], "runs", "resume", id, "--json");
        await TrainsAsync();
        resumed.CtrlC();
        var second = (await resumed.Ended).With(1).Document;
        Assert.Equal(id, second.GetProperty("id").GetString());
        Assert.True(second.GetProperty("metrics").GetProperty("train_loss").GetProperty("lastStep").GetInt64() > run.GetProperty("metrics").GetProperty("train_loss").GetProperty("lastStep").GetInt64(), "it went on");
        Assert.True(await resumed.NothingIsLeftAsync(Soon), "a process outlived the command");
    }

    [Fact]
    public async Task A_train_that_is_killed_leaves_no_process_and_a_run_that_can_go_on()
    {
        await CopyCorpusAsync();
        await using var train = LipSolProgram.Start(scratch["data"], Endless);
        await TrainsAsync();
        train.Signal("KILL");
        Assert.True(await train.NothingIsLeftAsync(Soon), "a process outlived the command");
        var listed = (await LipSolProgram.RunAsync(scratch["data"], "runs", "list", "--json")).With(0);
        var run = Assert.Single(listed.Document.EnumerateArray());
        // Interrupted behind a checkpoint; the node that lists it lets it go on.
        Assert.Contains(run.GetProperty("status").GetString(), (string[])["interrupted", "queued", "running"]);
        // What goes on is said; a run that waits to be resumed isn't claimed to.
        if (run.GetProperty("status").GetString() is not "interrupted") Assert.Contains($"also trains what was waiting: {run.GetProperty("id").GetString()}", listed.Errors);
        var log = (await LipSolProgram.RunAsync(scratch["data"], "runs", "show", run.GetProperty("id").GetString()!, "--log")).With(0).Output;
        Assert.Contains("the worker ended: Stopped: the node shut down", log);
    }

    [Fact]
    public async Task What_can_not_be_trained_is_bad_input_with_the_choices()
    {
        var made = await workshop.ReadyAsync();
        Assert.Contains("tiny", (await LipSolProgram.RunAsync(made.DataFolder, "train", "--corpus", "nope", "--model", "word-tcn")).With(2).Errors);
        Assert.Contains("word-gru", (await LipSolProgram.RunAsync(made.DataFolder, "train", "--corpus", "tiny", "--model", "nope")).With(2).Output);
        Assert.Contains("epochs", (await LipSolProgram.RunAsync(made.DataFolder, "train", "--corpus", "tiny", "--model", "word-tcn", "--set", "epoch=3")).With(2).Output);
        Assert.Contains("epochs", (await LipSolProgram.RunAsync(made.DataFolder, "train", "--corpus", "tiny", "--model", "word-tcn", "--set", "epochs=-1")).With(2).Output);
        Assert.Contains("twice", (await LipSolProgram.RunAsync(made.DataFolder, "train", "--corpus", "tiny", "--model", "word-tcn", "--set", "epochs=1", "--set", "epochs=2")).With(2).Errors);
    }

    private async Task CopyCorpusAsync()
    {
        var made = await workshop.ReadyAsync();
        foreach (var part in (string[])["corpora", "artifacts"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(made.DataFolder, part), "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(scratch["data"], Path.GetRelativePath(made.DataFolder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    /// <summary>Returns once a run on the data folder has a metric of this attempt.</summary>
    private async Task TrainsAsync()
    {
        var began = DateTimeOffset.UtcNow;
        for (; ; await Task.Delay(50, TestContext.Current.CancellationToken))
        {
            try
            {
                using var client = await LipSolClient.ConnectAsync(scratch["data"], TestContext.Current.CancellationToken);
                var run = (await client.Runs.ListAsync(status: RunStatus.Running, cancellationToken: TestContext.Current.CancellationToken)).FirstOrDefault();
                if (run is { Phase: "training" }) return;
            }
            catch (LipSolException) when (DateTimeOffset.UtcNow - began < TimeSpan.FromMinutes(2))
            {
                // The node isn't up yet.
            }
            Assert.True(DateTimeOffset.UtcNow - began < TimeSpan.FromMinutes(2), "it never trained");
        }
    }
}
