using LipSol.Client;
using LipSol.Silo.Tests.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Silo.Tests.Pipelines;

public sealed class PipelineTests
{
    private const string Nightly = """
        pipeline: nightly
        schedule: { cron: "30 2 * * *", zone: Asia/Karachi }
        steps:
          small: { kind: train, title: چھوٹا, corpus: drawn, network: brightness, set: { epochs: 3 } }
          best: { kind: choose, from: [small], metric: loss }
          figures: { kind: evaluate, of: best }
          gate: { kind: gate, candidate: best, model: bright, threshold: 0.5 }
          production: { kind: promote, gate: gate }
        """;

    [Fact]
    public async Task A_pipeline_is_registered_runs_and_shows_what_it_did()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var pipelines = node.Client.Pipelines;
        var registered = await pipelines.RegisterAsync(Nightly);
        Assert.EndsWith("02:30 Asia/Karachi", registered.NextTold);
        Assert.Contains("چھوٹا", registered.Picture.Text);

        var run = await pipelines.StartAsync("nightly", "once");
        Assert.Equal((1, 1), (run.Number, (await pipelines.StartAsync("nightly", "once")).Number));
        var worker = await node.Workers.NextAsync();
        await worker.ReportAsync(("loss", 1, 0.5), ("loss", 2, 0.25));
        var edited = await pipelines.RegisterAsync(Nightly.Replace("threshold: 0.5", "threshold: 0.6", StringComparison.Ordinal));
        Assert.Equal(2, edited.DefinitionVersion);
        Assert.Equal(2, (await pipelines.GetRunAsync("nightly", 1)).NewerDefinition);
        await worker.CompleteAsync();
        await foreach (var now in pipelines.FollowAsync("nightly", 1, TestContext.Current.CancellationToken)) run = now;

        Assert.Equal(PipelineRunStatus.Succeeded, run.Status);
        Assert.Equal(["small", "best", "figures", "gate", "production"], run.Steps.Select(s => s.Name));
        Assert.Equal("bright version 1 is in production.", run.Step("production").Left["note"]);
        Assert.StartsWith("small is chosen: loss is small 0.25", run.Step("best").Left["note"]);
        Assert.Contains("word_accuracy", run.Step("figures").Left.Keys);
        Assert.Contains("<svg", run.Picture.Svg);
        Assert.Equal(1, (await node.Client.Models.GetAsync("bright")).Aliases["production"]);
        var trained = await node.Client.Runs.GetAsync(run.Step("small").Left["run"]);
        Assert.Equal(("nightly", "1", "small"), (trained.Tags["pipeline"], trained.Tags["pipeline-run"], trained.Tags["step"]));
        // That it has ended is written there a moment later.
        var history = await Eventually.FindAsync("end of the run in the history", TimeSpan.FromSeconds(60), async () =>
            await pipelines.GetHistoryAsync("nightly") is { Entries: [{ Status: PipelineRunStatus.Succeeded }] } written ? written : null);
        Assert.Equal((1, 5), (history.Total, history.Entries[0].Done));
        await pipelines.DeleteAsync("nightly");
        Assert.Empty(await pipelines.ListAsync());
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => pipelines.GetAsync("nightly"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_file_is_told_with_its_lines()
    {
        await using var node = await TestNode.StartAsync();
        var pipelines = node.Client.Pipelines;
        var refused = await Assert.ThrowsAsync<LipSolRefusedException>(() => pipelines.RegisterAsync(Nightly.Replace("from: [small]", "from: [small, tall]", StringComparison.Ordinal).Replace("Asia/Karachi", "Asia/Karach", StringComparison.Ordinal)));
        Assert.Equal(("bad-pipeline", 422), (refused.Reason, (int)refused.Status!));
        Assert.Equal(["line 2: there's no time zone 'Asia/Karach'. Did you mean Asia/Karachi? Zones are named as Asia/Karachi, Europe/London or UTC.", "line 5: step 'best': from names 'tall', which there isn't. Steps: small, best, figures, gate, production."], refused.Message.Split('\n'));
        var noSecret = await Assert.ThrowsAsync<LipSolRefusedException>(() => pipelines.RegisterAsync(Nightly + "\nnotices: [{ url: \"https://x.example\" }]\n"));
        Assert.Contains("LIPSOL_WEBHOOK_SECRET", noSecret.Message);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => pipelines.StartAsync("nightly"));
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => pipelines.GetRunAsync("nightly", 1));
    }

    [Fact]
    public async Task Recordings_that_are_gone_fail_their_step_with_what_to_do_and_the_run_can_be_gone_on_with()
    {
        await using var node = await TestNode.StartAsync();
        var pipelines = node.Client.Pipelines;
        await pipelines.RegisterAsync("pipeline: p\nsteps:\n  clips: { kind: prepare, corpus: c, layout: folder, folder: /nowhere/at-all }\n  small: { kind: train, data: clips, network: brightness }\n");
        var run = await pipelines.StartAsync("p");
        await foreach (var now in pipelines.FollowAsync("p", run.Number, TestContext.Current.CancellationToken)) run = now;
        Assert.Equal((PipelineRunStatus.Failed, PipelineStepStatus.Blocked), (run.Status, run.Step("small").Status));
        Assert.Equal("There is no folder /nowhere/at-all on node test. Mount it, or correct the step's folder.", run.Step("clips").Failure);
        Assert.Equal("It needs clips, which failed.", run.Step("small").Why);
        Assert.NotEqual(PipelineRunStatus.Succeeded, (await pipelines.ResumeRunAsync("p", 1)).Status);
    }
}
