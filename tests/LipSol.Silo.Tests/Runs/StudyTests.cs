using LipSol.Client;
using LipSol.Contracts.Networks;
using LipSol.Language.Evaluation;
using LipSol.Silo.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace LipSol.Silo.Tests.Runs;

public sealed class StudyTests
{
    private static readonly StartRun Base = new() { Experiment = "study", Network = "brightness", Corpus = TestNode.Corpus };

    [Fact]
    public async Task Several_seeds_give_mean_and_spread_and_the_same_study_again_trains_nothing()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var plan = StudyPlan.Seeds(Base, [1, 2, 3]);
        var running = node.Client.Studies.RunAsync(plan);
        var accuracies = new Dictionary<long, double> { [1] = 0.7, [2] = 0.8, [3] = 0.9 };
        for (var i = 0; i < 3; i++)
        {
            var worker = await node.Workers.NextAsync();
            await worker.CompleteAsync(accuracies[worker.Start.Spec.Seed]);
        }
        var study = await running;
        Assert.Empty(study.Unfinished);
        var group = Assert.Single(study.Summaries!.Groups);
        var figure = group.Figures["word_accuracy"];
        Assert.Equal(0.8, figure.Mean, 9);
        Assert.Equal(0.1, figure.Spread!.Value, 9);
        Assert.Equal((3, 100), (figure.Runs, figure.Count));
        Assert.Equal([0.7, 0.8, 0.9], group.Runs.OrderBy(r => r.Seed).Select(r => Math.Round(r.Figures["word_accuracy"], 9)));
        Assert.Equal((24, 2), (group.TrainClips, group.TrainSpeakers));

        var again = await node.Client.Studies.RunAsync(plan);
        Assert.Equal(study.Runs[0].Select(r => r.Id), again.Runs[0].Select(r => r.Id));
        Assert.Equal(3, (await node.Client.Runs.ListAsync("study")).Count);
    }

    [Fact]
    public async Task A_run_that_train_made_is_used_and_one_with_another_spec_is_not()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var made = await node.Client.Runs.StartAsync(Base with { Seed = 1, Name = "by hand" });
        await (await node.Workers.NextAsync()).CompleteAsync(0.9);
        var other = await node.Client.Runs.StartAsync(Base with { Seed = 2, Parameters = new Dictionary<string, string> { ["epochs"] = "9" } });
        await (await node.Workers.NextAsync()).CompleteAsync(0.5);

        var runs = await node.Client.Studies.StartAsync(StudyPlan.Seeds(Base, [1, 2]));

        Assert.Equal(made.Id, runs[0][0].Id);
        Assert.NotEqual(other.Id, runs[0][1].Id);
        // Two commands at once start one run.
        Assert.Equal(runs[0][1].Id, (await node.Client.Studies.StartAsync(StudyPlan.Seeds(Base, [2])))[0][0].Id);
    }

    [Fact]
    public async Task A_network_that_a_person_wrote_is_another_once_its_name_stands_for_another_source()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var plan = StudyPlan.Seeds(Base with { Network = "own-net" }, [1]);
        await KeepAsync("11111111111111111111111111111111");
        var first = (await node.Client.Studies.StartAsync(plan))[0][0];
        await (await node.Workers.NextAsync()).CompleteAsync(0.9);
        Assert.Equal(first.Id, (await node.Client.Studies.StartAsync(plan))[0][0].Id);
        await KeepAsync("22222222222222222222222222222222");
        var second = (await node.Client.Studies.StartAsync(plan))[0][0];
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(("11111111111111111111111111111111", "22222222222222222222222222222222"), (first.NetworkSource, second.NetworkSource));

        Task KeepAsync(string source) => node.Services.GetRequiredService<IGrainFactory>().GetGrain<INetworkCatalogGrain>(0).KeepAsync(new NetworkRecord { Name = "own-net", Source = source, Reads = "word" });
    }

    [Fact]
    public async Task A_study_that_was_stopped_goes_on_where_it_was()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var plan = StudyPlan.Seeds(Base, [1, 2]);
        var runs = await node.Client.Studies.StartAsync(plan);
        await node.Workers.NextAsync();
        await node.Client.Studies.StopAsync(runs, "enough for today");
        var stopped = await node.Client.Studies.FinishAsync(plan, runs);
        Assert.Equal(2, stopped.Unfinished.Count());
        Assert.Null(stopped.Summaries);

        var again = node.Client.Studies.RunAsync(plan);
        for (var i = 0; i < 2; i++) await (await node.Workers.NextAsync()).CompleteAsync(0.8);
        var study = await again;
        Assert.Equal(runs[0].Select(r => r.Id), study.Runs[0].Select(r => r.Id));
        Assert.Empty(study.Unfinished);
    }

    [Fact]
    public async Task Each_speaker_left_out_is_counted_alone_and_the_mean_is_over_speakers()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var running = node.Client.Studies.RunAsync(StudyPlan.LeaveOneSpeakerOut(Base, ["a", "b"], [1]));
        for (var i = 0; i < 2; i++)
        {
            var worker = await node.Workers.NextAsync();
            var held = worker.Start.Spec.Parameters["hold_out_speaker"];
            // Those who were trained on are all read right; of a's 20 clips 10 are, of b's 16.
            await worker.CompleteAsync(read: Samples(("a", held != "a", held == "a" ? 10 : 20), ("b", held != "b", held == "b" ? 16 : 20)));
        }
        var summaries = (await running).Summaries!;
        Assert.Equal([("a", 0.5, 20, 12, 1), ("b", 0.8, 20, 12, 1)], summaries.Groups.Select(g => (g.Speaker!, g.Figures["word_accuracy"].Mean, g.Figures["word_accuracy"].Count, g.TrainClips, g.TrainSpeakers)));
        var across = summaries.Across["word_accuracy"];
        Assert.Equal(0.65, across.Mean, 9);
        Assert.Equal(0.2121, across.Spread!.Value, 4);
        // Two speakers say next to nothing about a third.
        Assert.True(across is { Low: < 0.2, High: > 0.95 });
    }

    [Fact]
    public async Task A_curve_over_speakers_counts_the_same_unseen_clips_at_every_size()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var running = node.Client.Studies.RunAsync(StudyPlan.OverSpeakers(Base, [1, null], [1]));
        for (var i = 0; i < 2; i++)
        {
            var worker = await node.Workers.NextAsync();
            var all = !worker.Start.Spec.Parameters.ContainsKey("train_speakers");
            // With one speaker, b is unseen too: he doesn't count as unseen in the curve, since the other size has seen him.
            await worker.CompleteAsync(read: Samples(("a", true, 20), ("b", all, all ? 18 : 4), ("c", false, all ? 12 : 8)));
        }
        var groups = (await running).Summaries!.Groups;
        Assert.Equal([(1, 0.4, 20), (2, 0.6, 20)], groups.Select(g => (g.TrainSpeakers, g.Figures["word_accuracy.unseen"].Mean, g.Figures["word_accuracy.unseen"].Count)));
        Assert.All(groups, g => Assert.Equal(20, g.Figures["word_accuracy.seen"].Count));
        Assert.Equal([60, 60], groups.Select(g => g.Figures["word_accuracy"].Count));
    }

    [Fact]
    public async Task A_curve_over_clips_says_how_many_more_it_takes()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var plan = StudyPlan.OverClips(Base, [3, 6, 12, null], [1]) with { Targets = new Dictionary<string, double> { ["word_accuracy"] = 0.9 } };
        var running = node.Client.Studies.RunAsync(plan);
        // Errors of 1.4 / √n, to the nearest of 60 samples.
        var right = new Dictionary<string, int> { ["3"] = 11, ["6"] = 26, ["12"] = 36, ["all"] = 43 };
        for (var i = 0; i < 4; i++)
        {
            var worker = await node.Workers.NextAsync();
            var count = right[worker.Start.Spec.Parameters.GetValueOrDefault("train_clips", "all")];
            await worker.CompleteAsync(read: Samples(("a", true, Math.Min(20, count)), ("b", true, Math.Clamp(count - 20, 0, 20)), ("c", false, Math.Max(0, count - 40))));
        }
        var summaries = (await running).Summaries!;
        Assert.Equal([3, 6, 12, 24], summaries.Groups.Select(g => g.TrainClips));
        var curve = summaries.Curves["word_accuracy"];
        Assert.True(curve.HasAsymptote);
        Assert.Equal(0.5, curve.Exponent, 0.15);
        Assert.Equal((3.0, 96.0), (curve.Expected[0].Size, Math.Round(curve.Expected[^1].Size, 6)));
        Assert.Equal(curve.Expected.Select(e => e.Value).Order(), curve.Expected.Select(e => e.Value));
        Assert.All(curve.Expected, e => Assert.True(e.Low <= e.Value + 1e-9 && e.Value <= e.High + 1e-9));
        Assert.Equal(0.9, curve.Needed.Target, 9);
        Assert.InRange(curve.Needed.Size!.Value, 100, 500);
        Assert.Equal(curve.Needed.Size - 24, curve.Needed.More);
        // Half of the present error where nothing was asked for.
        Assert.Equal(17 / 60.0 / 2, summaries.Curves["wer"].Needed.Target, 9);
        Assert.DoesNotContain("word_accuracy", (await node.Client.Studies.SummariseAsync([.. summaries.Groups.Take(2).Select(g => new RunGroup(g.Label, [.. g.Runs.Select(r => r.RunId)]))], StudyKind.OverClips)).Curves.Keys);
    }

    [Fact]
    public async Task Runs_that_have_no_figures_or_none_in_common_are_refused()
    {
        await using var node = await TestNode.StartAsync();
        node.AddCorpus();
        var one = await node.Client.Runs.StartAsync(Base);
        await (await node.Workers.NextAsync()).CompleteAsync(read: Samples(("a", true, 10)));
        var other = await node.Client.Runs.StartAsync(Base with { Seed = 2 });
        await (await node.Workers.NextAsync()).CompleteAsync(read: Samples(("b", true, 10)));
        var waiting = await node.Client.Runs.StartAsync(Base with { Seed = 3 });
        Task SummariseAsync(params RunGroup[] groups) => node.Client.Studies.SummariseAsync(groups);
        Assert.Contains("different clips", (await Assert.ThrowsAsync<LipSolRefusedException>(() => SummariseAsync(new RunGroup("x", [one.Id, other.Id])))).Message);
        Assert.Contains("only completed runs", (await Assert.ThrowsAsync<LipSolRefusedException>(() => SummariseAsync(new RunGroup("x", [waiting.Id])))).Message);
        Assert.Contains("speaker nobody", (await Assert.ThrowsAsync<LipSolRefusedException>(() => SummariseAsync(new RunGroup("x", [one.Id], "nobody")))).Message);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => SummariseAsync(new RunGroup("x", ["none"])));
        await Assert.ThrowsAsync<LipSolRefusedException>(() => SummariseAsync());
        await Assert.ThrowsAsync<LipSolRefusedException>(() => SummariseAsync(new RunGroup("x", [])));
    }

    /// <summary>Twenty clips a speaker, the first so many read right.</summary>
    private static IEnumerable<EvaluatedSample> Samples(params (string Speaker, bool Seen, int Right)[] speakers) =>
        speakers.SelectMany(s => Enumerable.Range(0, 20).Select(i => new EvaluatedSample($"{s.Speaker}/{i:00}#0", s.Speaker, s.Seen, "کب", i < s.Right ? "کب" : "ایک", 0.9)));
}
