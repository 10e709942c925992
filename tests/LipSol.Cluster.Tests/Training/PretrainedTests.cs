using System.Globalization;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Training;

/// <summary>From English to Urdu with a real node and real workers, which are killed.</summary>
public sealed class PretrainedTests
{
    private const int Epochs = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task An_Urdu_run_of_letters_starts_from_an_English_one_and_goes_on_from_the_same_weights_when_its_node_was_killed()
    {
        using var folder = new TemporaryFolder();
        BrightCorpus.WriteTo(folder.Path);
        BrightCorpus.WriteEnglishTo(folder.Path);
        var seen = new SeenPoints();
        TrainingRun run;
        string english, weights;
        await using (var node = await NodeProcess.StartAsync(folder.Path))
        {
            english = (await node.Client.Runs.StartAsync(Letters(BrightCorpus.EnglishName, 2), TestContext.Current.CancellationToken)).Id;
            await new TrainingRun(english).WaitForAsync(node, RunStatus.Completed, Patience);
            var started = await node.Client.Runs.StartAsync(Letters(BrightCorpus.Name, Epochs) with { InitFrom = InitialWeights.OfRun(english) }, TestContext.Current.CancellationToken);
            weights = started.InitFrom!.Weights!;
            run = new TrainingRun(started.Id);
            var worker = await run.FindWorkerAsync(node);
            await seen.FollowAsync(node, run, until: 60);
            Assert.True((await node.Client.Runs.GetAsync(run.Id, TestContext.Current.CancellationToken)).Artifacts.ContainsKey("init-report.json"));
            await node.KillAsync();
            await Eventually.TrueAsync("end of the worker of the killed node", TimeSpan.FromSeconds(20), () => !worker.IsAlive);
        }

        await using var again = await NodeProcess.StartAsync(folder.Path);
        await seen.AssertAllAreKeptAsync(again, run, except: "clips_per_second");
        var done = await run.WaitForAsync(again, RunStatus.Completed, Patience);
        Assert.Equal((WeightsKind.Run, english, weights), (done.InitFrom!.Kind, done.InitFrom.Id, done.InitFrom.Weights));
        // What was done again, from the last checkpoint or from the start, has the losses that it had: it's the same run from the same weights.
        await seen.AssertAllAreKeptAsync(again, run, except: "clips_per_second");

        var log = await again.Client.Runs.GetLogAsync(run.Id, TestContext.Current.CancellationToken);
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(log, $"char-tcn starts from the run {english} \\(safetensors, {weights}\\): (\\d+) of the encoder's \\1 weights"));
        var report = System.Text.Encoding.UTF8.GetString(await again.Client.Artifacts.GetAsync(done.Artifacts["init-report.json"], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(weights, report);
        var model = System.Text.Encoding.UTF8.GetString(await again.Client.Artifacts.GetAsync(done.Artifacts["model"], "model.json", TestContext.Current.CancellationToken));
        Assert.Contains("ک", model);
        Assert.DoesNotContain("\"b\"", model);
    }

    private static StartRun Letters(string corpus, int epochs) => new()
    {
        Experiment = "cluster",
        Network = "char-tcn",
        Corpus = corpus,
        Seed = 7,
        Threads = 1,
        Parameters = new Dictionary<string, string>
        {
            ["front"] = "16",
            ["width"] = "16",
            ["stages"] = "1",
            ["scale_width"] = "16",
            ["temporal_blocks"] = "1",
            ["resize"] = "20",
            ["size"] = "16",
            ["batch_size"] = "6",
            ["patience"] = "0",
            ["warmup_epochs"] = "1",
            ["word_epochs"] = "0",
            ["phrase_epochs"] = "0",
            ["epochs"] = epochs.ToString(CultureInfo.InvariantCulture),
        },
    };
}
