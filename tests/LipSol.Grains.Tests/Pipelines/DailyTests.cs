using LipSol.Contracts.Models;
using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Tests.Cluster;
using LipSol.Pipelines;

namespace LipSol.Grains.Tests.Pipelines;

public sealed class DailyTests
{
    [Fact]
    public async Task Every_night_what_depends_on_new_clips_is_done_again_and_nothing_else()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync();
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        PipelineRunState first = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Succeeded, "2026-11-02", PipelineTrigger.Schedule), (first.Status, first.Day, first.Trigger));
        Assert.Equal("wide", first.Step("best").Left["chosen"]);
        Assert.Equal("digits version 1 is in production.", first.Step("production").Left[Outputs.Note]);
        Assert.Equal("It wasn't done before.", first.Step("small").Why);

        // Nothing new: nothing is trained, and what is in production stays.
        await daily.NextNightAsync();
        PipelineRunState second = await daily.EndsAsync(2);
        Assert.Equal(["clips Cached", "small Cached", "wide Cached", "best Cached", "figures Cached", "gate Done", "production Done"], second.Steps.Select(s => $"{s.Name} {s.Status}"));
        Assert.Equal("Inputs, settings and code are those of run 1: what it left is taken.", second.Step("wide").Why);
        Assert.Contains("in production already", second.Step("production").Left[Outputs.Note]);
        Assert.Single(await daily.PromotionsAsync());

        // New clips, and a better model comes of them.
        daily.Cluster.Corpora.Folders["/srv/digits"] = 30;
        await daily.NextNightAsync();
        await daily.TrainAsync(3, "small", 0.9);
        await daily.TrainAsync(3, "wide", 0.8);
        PipelineRunState third = await daily.EndsAsync(3);
        Assert.Equal("Since run 1: recordings was 24 files and is 30 files.", third.Step("clips").Why);
        Assert.Contains("data was data-of-24 and is data-of-30", third.Step("small").Why);
        Assert.Equal("digits version 2 is in production, in place of version 1.", third.Step("production").Left[Outputs.Note]);

        // More clips, and a worse one: refused with its figures, and version 2 stays.
        daily.Cluster.Corpora.Folders["/srv/digits"] = 31;
        await daily.NextNightAsync();
        await daily.TrainAsync(4, "small", 0.7);
        await daily.TrainAsync(4, "wide", 0.75);
        PipelineRunState fourth = await daily.EndsAsync(4);
        Assert.Equal((PipelineStatus.Succeeded, StepStatus.NotNeeded, "gate refused."), (fourth.Status, fourth.Step("production").Status, fourth.Step("production").Why));
        ModelRecord model = (await daily.Cluster.Model("digits").GetAsync())!;
        Assert.Equal((2, 3), (model.Aliases["production"], model.Aliases["candidate"]));
        PromotionDecision refusal = model.Promotions[^1];
        Assert.Equal((false, 3, "Run 4 of the pipeline daily, for 2026-11-05."), (refusal.Promoted, refusal.Version, refusal.Note));
        Assert.NotNull(refusal.Evidence!.Comparison);
        Assert.Equal([4, 3, 2, 1], (await daily.HistoryAsync()).Select(h => h.Number));
        Assert.Equal(["promoted", "refused", "succeeded"], daily.Cluster.Notices.Sent.Select(n => n.Id.Split('/')[3]).Distinct().Order());
        Assert.Equal(2, daily.Cluster.Notices.Sent.Count(n => n.Id.Contains("/promoted/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_network_that_a_person_wrote_is_trained_again_once_its_name_stands_for_another_source()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text.Replace("network: word-tcn, set: { width: 16 }", "network: own-net, set: { width: 16 }", StringComparison.Ordinal));
        await daily.Cluster.KeepNetworkAsync("own-net", "source-1");
        await daily.NextNightAsync();
        FakeWorker worker = await daily.WorkerAsync(1, "small");
        Assert.Equal("source-1", worker.Start.Spec.NetworkSource);
        await daily.FinishAsync(worker, 0.6);
        worker = await daily.WorkerAsync(1, "wide");
        Assert.Null(worker.Start.Spec.NetworkSource);
        await daily.FinishAsync(worker, 0.7);
        await daily.EndsAsync(1);

        await daily.NextNightAsync();
        Assert.Equal(StepStatus.Cached, (await daily.EndsAsync(2)).Step("small").Status);

        await daily.Cluster.KeepNetworkAsync("own-net", "source-2");
        await daily.NextNightAsync();
        FakeWorker again = await daily.WorkerAsync(3, "small");
        Assert.Equal("source-2", again.Start.Spec.NetworkSource);
        await daily.FinishAsync(again, 0.9);
        PipelineRunState third = await daily.EndsAsync(3);
        Assert.Equal((StepStatus.Done, StepStatus.Cached), (third.Step("small").Status, third.Step("wide").Status));
        Assert.Equal("Since run 1: network was source-1 and is source-2.", third.Step("small").Why);
    }

    [Fact]
    public async Task What_new_clips_do_not_touch_is_taken_from_before_on_the_night_on_which_the_rest_is_done_again()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text + "\n  steady: { kind: train, corpus: archive, network: word-tcn }\n  read: { kind: evaluate, of: steady }\n");
        daily.Cluster.Corpora.Bring("archive", "data-of-the-archive");
        await daily.NextNightAsync();
        // There are two slots: any two of them come first.
        await Task.WhenAll(daily.TrainAsync(1, "steady", 0.5), daily.TrainAsync(1, "small", 0.6), daily.TrainAsync(1, "wide", 0.7));
        await daily.EndsAsync(1);

        daily.Cluster.Corpora.Folders["/srv/digits"] = 30;
        await daily.NextNightAsync();
        await daily.TrainAsync(2, "small", 0.9);
        await daily.TrainAsync(2, "wide", 0.8);
        PipelineRunState second = await daily.EndsAsync(2);
        Assert.Equal(["read Cached", "steady Cached"], second.Steps.Where(s => s.Status == StepStatus.Cached).Select(s => $"{s.Name} {s.Status}").Order());
        Assert.Equal("Inputs, settings and code are those of run 1: what it left is taken.", second.Step("steady").Why);
        Assert.All(new[] { "clips", "small", "wide", "best", "figures", "gate", "production" }, step => Assert.Equal(StepStatus.Done, second.Step(step).Status));
    }

    [Fact]
    public async Task A_night_is_not_left_out_for_a_run_that_is_over_and_could_not_say_so()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        var told = new TaskCompletionSource();
        daily.Cluster.Calls.Holding = call => call.MethodName == nameof(IPipelineGrain.OverAsync) ? told.Task : Task.CompletedTask;
        await daily.NextNightAsync();
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        await daily.EndsAsync(1);
        await daily.NextNightAsync();
        await daily.EndsAsync(2);
        Assert.Equal(3, await daily.Pipeline.StartAsync("by hand"));
        await daily.EndsAsync(3);
        await daily.Pipeline.DeleteAsync();
        told.SetResult();
    }

    [Fact]
    public async Task What_waits_for_a_run_is_begun_once_that_says_that_it_is_over_though_it_was_known_by_then()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text.Replace("steps:", "overlap: queue\nsteps:", StringComparison.Ordinal));
        var told = new TaskCompletionSource();
        daily.Cluster.Calls.Holding = call => call.MethodName == nameof(IPipelineGrain.OverAsync) ? told.Task : Task.CompletedTask;
        await daily.NextNightAsync();
        Assert.Equal(2, await daily.Pipeline.StartAsync("by hand"));
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        await daily.EndsAsync(1);
        Assert.Contains("No run of daily is under way", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.CancelAsync(0, "enough"))).Message);
        told.SetResult();
        await daily.EndsAsync(2);
    }

    [Fact]
    public async Task Days_on_which_no_node_was_up_are_made_up_for_by_one_run()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.NextNightAsync(days: 4);
        await daily.StepReachesAsync(1, "small", StepStatus.Running);
        List<PipelineRunSummary> history = await daily.HistoryAsync();
        Assert.Equal(["running", "left-out"], history.Select(h => h.Status));
        Assert.StartsWith("3 times from 2026-11-02 02:30 Asia/Karachi on were missed: no node was up. The run for 2026-11-05 02:30", history[1].Note);
        await daily.Pipeline.WakeAsync();
        Assert.Equal(1, (await daily.Pipeline.GetAsync())!.LastNumber);
    }

    [Fact]
    public async Task Days_on_which_no_node_was_up_are_left_out_where_that_is_declared()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text.Replace("zone: Asia/Karachi }", "zone: Asia/Karachi, missed: skip }", StringComparison.Ordinal));
        // In the morning of the third day.
        daily.Cluster.Time.SetUtcNow(new DateTimeOffset(2026, 11, 4, 5, 0, 0, TimeSpan.Zero));
        await daily.Pipeline.WakeAsync();
        PipelineRunSummary left = Assert.Single(await daily.HistoryAsync());
        Assert.Equal(("left-out", "3 times from 2026-11-02 02:30 Asia/Karachi on were missed: no node was up. The pipeline says `missed: skip`."), (left.Status, left.Note));
        Assert.Equal(0, (await daily.Pipeline.GetAsync())!.LastNumber);
        await daily.NextNightAsync();
        Assert.Equal("2026-11-05", (await daily.ReachesAsync(1, _ => true, "begun")).Day);
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("queue")]
    [InlineData("cancel")]
    public async Task A_run_that_is_due_while_the_one_before_still_runs_is_treated_as_declared(string rule)
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text + $"\noverlap: {rule}\n");
        await daily.NextNightAsync();
        PipelineRunState begun = await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        await daily.ReachesAsync(1, r => r.Step("small").Work is not null, "small begun");
        FakeWorker? worker = rule == "cancel" ? await daily.Cluster.Workers.OfAsync(begun.Step("wide").Work!) : null;
        await daily.NextNightAsync();
        PipelineRecord record = (await daily.Pipeline.GetAsync())!;
        switch (rule)
        {
            case "skip":
                Assert.Equal((1, 1, 0), (record.Running, record.LastNumber, record.Waiting.Count));
                Assert.Equal("Run 1 still ran, and the pipeline says `overlap: skip`.", (await daily.HistoryAsync())[0].Note);
                Assert.Contains("overlap: skip", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.StartAsync("by hand"))).Message);
                break;
            case "queue":
                Assert.Equal((1, 2), (record.Running, record.Waiting.Single()));
                await daily.TrainAsync(1, "small", 0.6);
                await daily.TrainAsync(1, "wide", 0.7);
                Assert.Equal("2026-11-03", (await daily.EndsAsync(2)).Day);
                break;
            default:
                PipelineRunState cancelled = await daily.EndsAsync(1);
                Assert.Equal((PipelineStatus.Cancelled, "Run 2 takes its place."), (cancelled.Status, cancelled.Reason));
                await worker!.StopAsked;
                await daily.ReachesAsync(2, r => r.Status == PipelineStatus.Running, "running");
                break;
        }
    }

    [Fact]
    public async Task A_run_keeps_the_definition_that_it_began_with()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        Assert.Equal(1, await daily.Pipeline.StartAsync("by hand", "sara"));
        Assert.Equal(1, await daily.Pipeline.StartAsync("by hand", "sara"));
        await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        PipelineRecord edited = await daily.Pipeline.RegisterAsync(PlayedPipeline.Text.Replace("width: 32", "width: 64", StringComparison.Ordinal), "ali");
        Assert.Equal((2, 1), (edited.DefinitionVersion, edited.Running));
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        PipelineRunState first = await daily.EndsAsync(1);
        Assert.Equal((1, "32"), (first.DefinitionVersion, first.Step("wide").Key!.Settings["set.width"]));

        await daily.NextNightAsync();
        await daily.TrainAsync(2, "wide", 0.8);
        PipelineRunState second = await daily.EndsAsync(2);
        Assert.Equal((2, StepStatus.Cached, "Since run 1: setting set.width was 32 and is 64."), (second.DefinitionVersion, second.Step("small").Status, second.Step("wide").Why));
        Assert.Equal(2, (await daily.Pipeline.RegisterAsync(edited.Definition)).DefinitionVersion);
    }

    [Fact]
    public async Task A_failed_step_stops_what_depends_on_it_and_the_run_goes_on_from_there()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.Pipeline.StartAsync("by hand");
        PipelineRunState run = await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        FakeWorker worker = await daily.Cluster.Workers.OfAsync(run.Step("wide").Work!);
        await worker.CheckpointAsync("checkpoint", 1);
        await worker.EndAsync(RunStatus.Failed, "The loss is NaN.");
        await daily.StepReachesAsync(1, "best", StepStatus.Blocked);
        await daily.TrainAsync(1, "small", 0.6);
        run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Failed, StepStatus.Done), (run.Status, run.Step("small").Status));
        Assert.Contains("The loss is NaN.", run.Step("wide").Failure);
        await PlayedPipeline.PassingAsync(async () => Assert.Contains("wide failed", (await daily.HistoryAsync())[0].Note));

        await daily.Pipeline.ResumeAsync(1);
        FakeWorker again = await daily.Cluster.Workers.OfAsync(run.Step("wide").Work!);
        Assert.Equal("checkpoint", again.Start.ResumeFrom!.Artifact);
        await daily.FinishAsync(again, 0.7);
        run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Succeeded, 2, 1), (run.Status, run.Step("wide").Try, run.Step("small").Try));
        Assert.Single(await daily.PromotionsAsync());
        Assert.Contains("nothing to go on with", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.ResumeAsync(1))).Message);
    }

    [Fact]
    public async Task A_corpus_that_vanished_fails_its_step_with_the_reason()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        daily.Cluster.Corpora.Folders.Clear();
        await daily.Pipeline.StartAsync("by hand");
        PipelineRunState run = await daily.EndsAsync(1);
        Assert.Equal((PipelineStatus.Failed, "There's no folder /srv/digits."), (run.Status, run.Step("clips").Failure));
        Assert.All(run.Steps.Skip(1), s => Assert.Equal(StepStatus.Blocked, s.Status));
    }

    [Fact]
    public async Task Days_of_the_past_are_made_up_for_one_after_another()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        Assert.Equal([1, 2, 3], await daily.Pipeline.BackfillAsync(new DateOnly(2026, 10, 29), new DateOnly(2026, 10, 31), "sara"));
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        PipelineRunState last = await daily.EndsAsync(3);
        Assert.Equal(("2026-10-31", PipelineTrigger.Backfill, "sara"), (last.Day, last.Trigger, last.By));
        Assert.Contains("isn't over yet", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.BackfillAsync(new DateOnly(2026, 10, 29), new DateOnly(2026, 11, 2)))).Message);
    }

    [Fact]
    public async Task A_backfill_that_is_asked_for_again_makes_nothing_twice()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        (DateOnly from, DateOnly to) = (new(2026, 10, 29), new(2026, 10, 31));
        Assert.Equal([1, 2, 3], await daily.Pipeline.BackfillAsync(from, to, "sara", "once"));
        Assert.Equal([1, 2, 3], await daily.Pipeline.BackfillAsync(from, to, "sara", "once"));
        Assert.Equal(3, (await daily.Pipeline.GetAsync())!.LastNumber);
        Assert.Equal([4], await daily.Pipeline.BackfillAsync(from, from, "sara", "another"));
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("cancel")]
    public async Task A_night_is_neither_left_out_for_days_that_are_made_up_for_nor_ends_them(string rule)
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync(PlayedPipeline.Text + $"\noverlap: {rule}\n");
        await daily.Pipeline.BackfillAsync(new DateOnly(2026, 10, 29), new DateOnly(2026, 10, 30));
        await daily.StepReachesAsync(1, "wide", StepStatus.Running);
        await daily.NextNightAsync();
        PipelineRecord record = (await daily.Pipeline.GetAsync())!;
        Assert.Equal((1, "3 2"), (record.Running, string.Join(' ', record.Waiting)));
        await daily.TrainAsync(1, "small", 0.6);
        await daily.TrainAsync(1, "wide", 0.7);
        Assert.Equal(PipelineStatus.Succeeded, (await daily.EndsAsync(1)).Status);
        Assert.Equal(("2026-11-02", PipelineTrigger.Schedule), (await daily.EndsAsync(3)) is var night ? (night.Day, night.Trigger) : default);
        Assert.Equal("2026-10-30", (await daily.EndsAsync(2)).Day);
    }

    [Fact]
    public async Task A_paused_pipeline_runs_by_hand_only_and_what_was_due_meanwhile_is_no_missed_day()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        await daily.Pipeline.PauseAsync();
        await daily.NextNightAsync(days: 2);
        Assert.Empty(await daily.HistoryAsync());
        await daily.Pipeline.ResumeAsync(0);
        await daily.Pipeline.WakeAsync();
        Assert.Empty(await daily.HistoryAsync());
        Assert.Equal(new DateTimeOffset(2026, 11, 3, 21, 30, 0, TimeSpan.Zero), (await daily.Pipeline.GetAsync())!.Next);
        await daily.Pipeline.DeleteAsync();
        Assert.Null(await daily.Pipeline.GetAsync());
        await daily.NextNightAsync();
        Assert.Empty(await daily.HistoryAsync());
    }

    [Fact]
    public async Task A_notice_that_does_not_arrive_is_tried_again()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        daily.Cluster.Corpora.Folders.Clear();
        daily.Cluster.Notices.Failing = _ => new NoticeFailedException("It answered 503.", again: true);
        await daily.Pipeline.StartAsync("by hand");
        await daily.ReachesAsync(1, r => r.Notices is [{ Attempts: 1 }], "a failed notice");
        daily.Cluster.Notices.Failing = _ => null;
        daily.Cluster.Time.Advance(TimeSpan.FromMinutes(5));
        await daily.ReachesAsync(1, r => r.IsQuiet, "quiet");
        (string id, string url, string body) = Assert.Single(daily.Cluster.Notices.Sent);
        Assert.Equal(("daily/1/0/failed/0", "https://team.example/hook"), (id, url));
        Assert.Contains("There's no folder /srv/digits.", System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("note").GetString());
    }

    [Fact]
    public async Task A_pipeline_is_there_only_once_it_can_be_found_again_and_is_woken()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        IPipelineGrain other = daily.Cluster.Orleans.Client.GetGrain<IPipelineGrain>("other");
        string text = PlayedPipeline.Text.Replace("pipeline: daily", "pipeline: other", StringComparison.Ordinal);
        daily.Cluster.Calls.Before = context =>
        {
            if (context.TargetId.Type.ToString() == "pipeline-registry") throw new InvalidOperationException("The node died here.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.RegisterAsync(text));
        daily.Cluster.Calls.Before = _ => { };
        Assert.Null(await other.GetAsync());
        await daily.Cluster.Orleans.DeactivateAsync(other);
        Assert.Null(await other.GetAsync());

        await other.RegisterAsync(text);
        Assert.Equal(["daily", "other"], (await daily.Cluster.Orleans.Client.GetGrain<IPipelineRegistryGrain>(0).ListAsync()).Select(p => p.Name));
        Assert.Equal(2, daily.Cluster.Count("SELECT COUNT(*) FROM OrleansReminder WHERE ReminderName = 'due'"));
    }

    [Fact]
    public async Task What_can_not_be_is_refused_with_its_lines()
    {
        await using PlayedPipeline daily = await PlayedPipeline.StartAsync();
        Assert.Contains("line 2: cron is", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.RegisterAsync(PlayedPipeline.Text.Replace("30 2 * * *", "30 2 * *", StringComparison.Ordinal)))).Message);
        Assert.Contains("Step 'gate'", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.RegisterAsync(PlayedPipeline.Text.Replace("threshold: 0.5", "threshold: 0.5, metric: beauty", StringComparison.Ordinal)))).Message);
        Assert.Contains("not of 'daily'", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.RegisterAsync(PlayedPipeline.Text.Replace("pipeline: daily", "pipeline: other", StringComparison.Ordinal)))).Message);
        daily.Cluster.Notices.CannotSend = "there's no secret.";
        Assert.Contains("there's no secret.", (await Assert.ThrowsAsync<RefusedException>(() => daily.Pipeline.RegisterAsync(PlayedPipeline.Text))).Message);
    }
}
