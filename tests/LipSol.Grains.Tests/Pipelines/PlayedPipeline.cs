using LipSol.Contracts.Models;
using LipSol.Contracts.Pipelines;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;
using LipSol.Language.Evaluation;
using LipSol.Pipelines;

namespace LipSol.Grains.Tests.Pipelines;

/// <summary>A daily pipeline whose training, imports and clock are played by the test.</summary>
internal sealed class PlayedPipeline : IAsyncDisposable
{
    public const string Name = "daily";
    public const string Text = """
        pipeline: daily
        schedule: { cron: "30 2 * * *", zone: Asia/Karachi }
        notices: [{ url: "https://team.example/hook", on: [succeeded, failed, promoted, refused] }]
        steps:
          clips: { kind: prepare, corpus: digits, layout: folder, folder: /srv/digits }
          small: { kind: train, data: clips, network: word-tcn, set: { width: 16 } }
          wide: { kind: train, data: clips, network: word-tcn, set: { width: 32 } }
          best: { kind: choose, from: [small, wide], metric: val_accuracy }
          figures: { kind: evaluate, of: best }
          gate: { kind: gate, candidate: best, model: digits, threshold: 0.5, confidence: 0.9 }
          production: { kind: promote, gate: gate }
        """;

    private PlayedPipeline(LipSolCluster cluster) => Cluster = cluster;

    public LipSolCluster Cluster { get; }

    public IPipelineGrain Pipeline => Cluster.Orleans.Client.GetGrain<IPipelineGrain>(Name);

    public IPipelineRunGrain RunGrain(int number) => Cluster.Orleans.Client.GetGrain<IPipelineRunGrain>($"{Name}/{number}");

    /// <summary>Registered at noon in Karachi, the day before its first run.</summary>
    public static async Task<PlayedPipeline> StartAsync(string text = Text, int silos = 1)
    {
        LipSolCluster cluster = await LipSolCluster.StartAsync(now: new DateTimeOffset(2026, 11, 1, 7, 0, 0, TimeSpan.Zero), silos: silos);
        var played = new PlayedPipeline(cluster);
        cluster.Corpora.Folders["/srv/digits"] = 24;
        await played.RegisterNodeAsync();
        await played.Pipeline.RegisterAsync(text, "sara");
        return played;
    }

    public Task RegisterNodeAsync() => Cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(Cluster.Node, [new Slot(0, "cpu", 1), new Slot(1, "cpu", 1)], "first") { Confines = true });

    /// <summary>Half past two in Karachi, so many days later.</summary>
    public async Task NextNightAsync(int days = 1)
    {
        DateTimeOffset now = Cluster.Time.GetUtcNow();
        DateTimeOffset night = new(now.Year, now.Month, now.Day, 21, 31, 0, TimeSpan.Zero);
        if (night <= now) night = night.AddDays(1);
        Cluster.Time.SetUtcNow(night.AddDays(days - 1));
        await RegisterNodeAsync();
        await PassingAsync(Pipeline.WakeAsync);
    }

    public async Task<PipelineRunState> ReachesAsync(int number, Func<PipelineRunState, bool> so, string what)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        PipelineRunState? run = null;
        while (true)
        {
            try
            {
                if (await RunGrain(number).GetAsync() is { } record && so(run = PipelineRunState.FromJson(record.State))) return run;
            }
            catch (Exception e) when (e is not RefusedException && !limit.IsCancellationRequested)
            {
                // The silo that had the run is dead, and not everyone knows yet.
            }
            Assert.False(limit.IsCancellationRequested, $"Run {number}: {what} never came about. {Told(run)}");
            await Task.Delay(10);
        }
    }

    public Task<PipelineRunState> StepReachesAsync(int number, string step, StepStatus status) => ReachesAsync(number, r => r.Step(step).Status == status, $"{step} {status}");

    public Task<PipelineRunState> EndsAsync(int number) => ReachesAsync(number, r => r.IsOver, "its end");

    /// <summary>Time goes on, and the node is still there.</summary>
    public async Task LaterAsync(TimeSpan time)
    {
        Cluster.Time.Advance(time);
        await RegisterNodeAsync();
    }

    /// <summary>The worker that trains for a step, once there's one.</summary>
    public async Task<FakeWorker> WorkerAsync(int number, string step)
    {
        PipelineRunState run = await ReachesAsync(number, r => r.Step(step) is { Status: StepStatus.Running, Work: not null }, $"{step} running");
        return await Cluster.Workers.OfAsync(run.Step(step).Work!);
    }

    /// <summary>Plays a step's training to its end.</summary>
    public async Task TrainAsync(int number, string step, double accuracy) => await FinishAsync(await WorkerAsync(number, step), accuracy);

    public async Task FinishAsync(FakeWorker worker, double accuracy)
    {
        await worker.MetricsAsync(1, ("val_accuracy", 1, accuracy - 0.1), ("val_accuracy", 2, accuracy));
        // On the same 200 test samples whatever the data: the first ones are read well.
        Evaluation evaluation = EvaluationFile.Create("test", Enumerable.Range(0, 200).Select(i => new EvaluatedSample($"c{i:000}", "s", true, "ایک", i < 200 * accuracy ? "ایک" : "دو", 1)));
        await worker.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome($"model-of-{worker.Start.RunId}", Cluster.Models.Keep(evaluation)));
    }

    public async Task<List<PromotionDecision>> PromotionsAsync() => [.. ((await Cluster.Model("digits").GetAsync())?.Promotions ?? []).Where(p => p.Promoted && p.PreviousVersion != p.Version)];

    public async Task<List<PipelineRunSummary>> HistoryAsync() => (await Pipeline.GetHistoryAsync(0, 100)).Entries;

    public static async Task PassingAsync(Func<Task> call)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception e) when (e is not RefusedException && !limit.IsCancellationRequested)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>What is kept reads differently when the pipeline and its run come to life again: as after an upgrade.</summary>
    public async Task RestartWithAsync(string from, string to, int number)
    {
        await Cluster.Orleans.DeactivateAsync(RunGrain(number));
        await Cluster.Orleans.DeactivateAsync(Pipeline);
        Cluster.Rewrite(from, to);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private static string Told(PipelineRunState? run) => run is null ? "It wasn't begun." : $"{run.Status}: {string.Join(", ", run.Steps.Select(s => $"{s.Name} {s.Status} {s.Failure}"))}";
}
