using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>Steps that are tried again, take too long, or are stopped by someone, through the grain.</summary>
public sealed class StepTriesTests
{
    private static readonly string Patient = PlayedPipeline.Text.Replace("set: { width: 32 } }", "set: { width: 32 }, retries: 1, backoff: 1m, timeout: 1h }", StringComparison.Ordinal);

    [Fact]
    public async Task A_training_that_takes_too_long_is_ended_and_tried_again_from_its_checkpoint()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(Patient);
        await daily.Pipeline.StartAsync("by hand");
        FakeWorker worker = await daily.WorkerAsync(1, "wide");
        await worker.CheckpointAsync("checkpoint", 1);
        await daily.LaterAsync(TimeSpan.FromHours(1));
        await worker.StopAsked;
        PipelineRunState run = await daily.StepReachesAsync(1, "wide", StepStatus.Retrying);
        Assert.Contains("timeout allows", run.Step("wide").Failure);
        await worker.EndAsync(RunStatus.Stopped);
        await daily.ReachesAsync(1, r => r.Step("wide").Aborting is null, "ended");

        await daily.LaterAsync(TimeSpan.FromMinutes(2));
        FakeWorker again = await daily.Cluster.Workers.OfAsync(run.Step("wide").Work!);
        Assert.Equal("checkpoint", again.Start.ResumeFrom!.Artifact);
        await daily.FinishAsync(again, 0.7);
        await daily.TrainAsync(1, "small", 0.6);
        run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Succeeded, 2), (run.Status, run.Step("wide").Try));
    }

    [Fact]
    public async Task A_training_that_took_too_long_is_ended_also_where_whoever_was_to_end_it_dies_first()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(Patient.Replace("retries: 1, ", "", StringComparison.Ordinal));
        await daily.Pipeline.StartAsync("by hand");
        FakeWorker worker = await daily.WorkerAsync(1, "wide");
        // It's written down that the step failed; the node dies before the training hears of it.
        daily.Cluster.Calls.Before = context =>
        {
            if (context.SourceId?.Type.ToString() == "pipeline-run" && context.MethodName == nameof(IRunGrain.StopAsync)) throw new InvalidOperationException("The node died here.");
        };
        await daily.LaterAsync(TimeSpan.FromHours(1));
        await daily.StepReachesAsync(1, "wide", StepStatus.Failed);
        await daily.Cluster.Orleans.DeactivateAsync(daily.RunGrain(1));
        daily.Cluster.Calls.Before = _ => { };
        await PlayedPipeline.PassingAsync(daily.RunGrain(1).WakeAsync);
        await worker.StopAsked;
        await daily.ReachesAsync(1, r => r.Step("wide").Aborting is null, "ended");
    }

    [Fact]
    public async Task A_training_that_someone_stops_while_it_waits_for_its_second_slot_stays_stopped()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(Patient);
        await daily.Pipeline.StartAsync("by hand");
        FakeWorker worker = await daily.WorkerAsync(1, "wide");
        // Others take the slot that it leaves.
        for (int other = 0; other < 3; other++) await daily.Cluster.StartRunAsync($"{other}", priority: 9);
        await worker.EndAsync(RunStatus.Failed, "The disk is full.");
        PipelineRunState run = await daily.StepReachesAsync(1, "wide", StepStatus.Retrying);
        string training = run.Step("wide").Work!;
        await daily.LaterAsync(TimeSpan.FromMinutes(2));
        await daily.Cluster.ReachesAsync(training, RunStatus.Queued);
        await daily.Cluster.Run(training).StopAsync("enough of it");
        run = await daily.StepReachesAsync(1, "wide", StepStatus.Failed);
        Assert.Equal(($"Run {training} was stopped: enough of it (2 tries)", RunStatus.Stopped), (run.Step("wide").Failure, (await daily.Cluster.Run(training).GetAsync())!.Status));
    }

    [Fact]
    public async Task An_import_that_fails_in_passing_is_tried_again_after_a_while_and_no_more_often_than_it_is_allowed()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text.Replace("folder: /srv/digits }", "folder: /srv/digits, retries: 2, backoff: 1m }", StringComparison.Ordinal));
        int asked = 0;
        daily.Cluster.Corpora.Importing = _ => ++asked < 3 ? Task.FromException(new CorpusFailedException("The disk is away.", again: true)) : Task.CompletedTask;
        await daily.Pipeline.StartAsync("by hand");
        PipelineRunState run = await daily.StepReachesAsync(1, "clips", StepStatus.Retrying);
        Assert.Equal(("The disk is away.", 1), (run.Step("clips").Failure, run.Step("clips").Try));
        // The first wait is a minute, the second two, each spread by half either way.
        Assert.InRange((run.Step("clips").NextTryAt!.Value - daily.Cluster.Time.GetUtcNow()).TotalSeconds, 30, 90);
        await daily.LaterAsync(TimeSpan.FromSeconds(91));
        run = await daily.ReachesAsync(1, r => r.Step("clips") is { Status: StepStatus.Retrying, Try: 2 }, "second try");
        Assert.InRange((run.Step("clips").NextTryAt!.Value - daily.Cluster.Time.GetUtcNow()).TotalSeconds, 60, 180);
        await daily.LaterAsync(TimeSpan.FromSeconds(181));
        Assert.Equal(3, (await daily.StepReachesAsync(1, "clips", StepStatus.Done)).Step("clips").Try);
    }

    [Fact]
    public async Task A_corpus_that_vanished_is_told_where_it_was_to_be_trained_on()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync("pipeline: daily\nsteps:\n  small: { kind: train, corpus: digits, network: word-tcn }\n");
        await daily.Pipeline.StartAsync("by hand");
        Assert.StartsWith("There's no corpus digits on this cluster. Import it", (await daily.EndsAsync(1)).Step("small").Failure);
    }

    [Fact]
    public async Task A_corpus_that_was_taken_away_is_imported_again_though_its_recordings_are_the_same()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync();
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        await daily.EndsAsync(1);
        daily.Cluster.Corpora.Forget("digits");
        await daily.NextNightAsync();
        PipelineRunState second = await daily.EndsAsync(2);
        Assert.Equal((StepStatus.Done, "Nothing has changed since run 1, but there's no corpus digits any more."), (second.Step("clips").Status, second.Step("clips").Why));
        // The same version came of it, so all that was trained on it holds.
        Assert.Equal(StepStatus.Cached, second.Step("wide").Status);
    }

    [Fact]
    public async Task A_metric_by_which_nobody_can_choose_fails_the_choice_and_names_those_that_there_are()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text.Replace("metric: val_accuracy }", "metric: val_beauty }", StringComparison.Ordinal));
        await daily.Pipeline.StartAsync("by hand");
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        PipelineRunState run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Failed, "No run has a value of val_beauty. They have: val_accuracy."), (run.Status, run.Step("best").Failure));
        Assert.Equal((StepStatus.Blocked, 1), (run.Step("gate").Status, run.Step("best").Try));
    }
}
