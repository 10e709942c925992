using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Serving;

/// <summary>Versions that are tried beside the one in production.</summary>
public sealed class TrialTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync(silos: 2);
        await _cluster.RegisterAsync();
        await _cluster.ServeAsync(Name, "a", "b", "c");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string[] Nodes => [.. _cluster.Orleans.Silos.Select(s => s.Name)];

    [Fact]
    public async Task A_canary_answers_its_share_of_the_requests_and_the_same_ones_on_every_node()
    {
        PromotionDecision begun = await CanaryAsync(0.25);
        Assert.True(begun.Promoted, begun.Reason);
        Assert.Equal((DecisionKind.Canary, 2, "amina"), (begun.Kind, begun.Version, begun.By));
        const int count = 800;
        int canary = 0;
        for (int i = 0; i < count; i++)
        {
            ReadRequest request = ModelSteps.Clip with { RequestId = $"request-{i}" };
            Reading reading = await _cluster.ReaderOn(Nodes[i % 2], Name).ReadAsync(request, null);
            if (reading.Version == 2) canary++;
            if (i < 20) Assert.Equal(reading.Version, (await _cluster.ReaderOn(Nodes[(i + 1) % 2], Name).ReadAsync(request, null)).Version);
        }
        // Four standard deviations of a binomial.
        Assert.InRange(canary / (double)count, 0.25 - 0.062, 0.25 + 0.062);
        Assert.Equal("a", (await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, 1)).Text);
        Assert.Equal("c", (await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, 3)).Text);

        // Its requests are read by production too, so that one sees where they differ.
        ModelTraffic traffic = await _cluster.TrafficAsync(Name, t => t.Figures.Compared + t.Figures.Dropped == t.Figures.Candidate!.Answered);
        Assert.Equal(count + 20, traffic.Figures.Production!.Answered + traffic.Figures.Candidate!.Answered);
        Assert.Equal(0, traffic.Figures.Agreed);
        Assert.All(traffic.Disagreements, d => Assert.Equal(("a", "b"), (d.Production, d.Candidate)));
        // The newest are kept; where the machine is busy, requests are compared as far as there's room.
        Assert.True(traffic.Figures.Compared > 0);
        Assert.Equal(Math.Min(50, traffic.Figures.Compared), traffic.Disagreements.Count);
        Assert.Equal(0.9, traffic.Figures.Candidate.MeanConfidence, 6);
        Assert.InRange(traffic.Figures.Production.P99, traffic.Figures.Production.P50, 60_000);
        Assert.True(traffic.Figures.Production.P50 > 0);
    }

    [Fact]
    public async Task A_sticky_canary_keeps_to_the_caller()
    {
        await CanaryAsync(0.5, sticky: true);
        var versions = new Dictionary<string, int>();
        for (int i = 0; i < 200; i++)
        {
            string caller = $"caller-{i % 20}";
            int version = (await _cluster.ReaderOn(Nodes[i % 2], Name).ReadAsync(ModelSteps.Clip with { Caller = caller, RequestId = $"{i}" }, null)).Version;
            Assert.Equal(versions.TryAdd(caller, version) ? version : versions[caller], version);
        }
        Assert.Equal([1, 2], versions.Values.Distinct().Order());
    }

    [Fact]
    public async Task What_a_canary_fails_on_production_answers()
    {
        await CanaryAsync(1);
        _cluster.Models.Failing = (_, model) => model == "b" ? new InvalidDataException("NaN") : null;
        for (int i = 0; i < 10; i++) Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);
        ModelTraffic traffic = (await _cluster.Model(Name).GetTrafficAsync())!;
        Assert.Equal((10, 0, 10), (traffic.Figures.Candidate!.Errors, traffic.Figures.Candidate.Answered, traffic.Figures.Production!.Answered));
    }

    [Fact]
    public async Task A_shadow_reads_along_and_is_never_heard()
    {
        Assert.True((await ShadowAsync()).Promoted);
        _cluster.Models.Text = (model, clip) => clip[0] < 30 ? "same" : model;
        for (byte i = 0; i < 40; i++)
        {
            string text = (await _cluster.ReaderOn(Nodes[i % 2], Name).ReadAsync(new ReadRequest([i], null, null), null)).Text;
            Assert.Equal(i < 30 ? "same" : "a", text);
            await _cluster.TrafficAsync(Name, t => t.Figures.Compared == i + 1);
        }
        ModelTraffic traffic = (await _cluster.Model(Name).GetTrafficAsync())!;
        Assert.Equal((40, 30, 0), (traffic.Figures.Compared, traffic.Figures.Agreed, traffic.Figures.Dropped));
        Assert.Equal((40, 0, 40), (traffic.Figures.Production!.Answered, traffic.Figures.Candidate!.Answered, traffic.Figures.Candidate.Shadowed));
        Assert.Equal(10, traffic.Disagreements.Count);

        _cluster.Models.Failing = (_, model) => model == "b" ? new InvalidDataException("NaN") : null;
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip with { MouthClip = [99] }, null)).Text);
        await _cluster.TrafficAsync(Name, t => t.Figures.Candidate!.Errors == 1);
    }

    [Fact]
    public async Task A_shadow_that_is_slow_slows_nobody_and_what_it_cannot_take_is_dropped_and_counted()
    {
        await ShadowAsync();
        var gate = new TaskCompletionSource();
        _cluster.Models.Reading = model => model == "b" ? gate.Task : Task.CompletedTask;
        const int count = 60;
        for (int i = 0; i < count; i++) Assert.Equal("a", (await _cluster.ReaderOn(Nodes[0], Name).ReadAsync(ModelSteps.Clip, null).WaitAsync(Patience.Limit)).Text);
        int atOnce = new GrainsOptions().ShadowsAtOnce;
        ModelTraffic traffic = await _cluster.TrafficAsync(Name, t => t.Figures.Dropped == count - atOnce);
        Assert.Equal((count, 0), (traffic.Figures.Production!.Answered, traffic.Figures.Compared));
        gate.SetResult();
        await _cluster.TrafficAsync(Name, t => t.Figures.Compared == atOnce);
    }

    [Fact]
    public async Task A_trial_goes_on_when_every_grain_starts_anew_and_one_word_ends_it()
    {
        await CanaryAsync(1);
        await _cluster.Orleans.DeactivateAsync(_cluster.Model(Name));
        ModelRecord record = (await _cluster.Model(Name).GetAsync())!;
        Assert.Equal((2, 1.0), (record.Trial!.Version, record.Trial.Share));
        Assert.Equal("b", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);

        PromotionDecision stopped = await _cluster.Model(Name).StopTrialAsync("seen enough", "bilal");
        Assert.Equal((DecisionKind.Stop, "bilal", 1), (stopped.Kind, stopped.By, stopped.Version));
        Assert.Equal(1, stopped.Traffic!.Candidate!.Answered);
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).StopTrialAsync(""));

        await CanaryAsync(1);
        PromotionDecision back = await _cluster.Model(Name).RollbackAsync("mixes up numbers");
        Assert.Equal((DecisionKind.Rollback, 1), (back.Kind, back.Version));
        Assert.Null((await _cluster.Model(Name).GetAsync())!.Trial);
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);

        await CanaryAsync(1);
        await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null);
        PromotionDecision promoted = await _cluster.Model(Name).PromoteAsync(2, ModelSteps.AnyAsGood);
        Assert.True(promoted.Promoted, promoted.Reason);
        Assert.Equal(1, promoted.Traffic!.Candidate!.Answered);
        Assert.Null((await _cluster.Model(Name).GetAsync())!.Trial);
        Assert.Empty((await _cluster.Model(Name).GetTrafficAsync())!.Disagreements);
    }

    [Fact]
    public async Task What_cannot_be_tried_is_refused_and_what_a_node_cannot_load_does_not_begin()
    {
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).StartTrialAsync(new TrialRequest { Kind = TrialKind.Shadow, Version = 1 }));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model(Name).StartTrialAsync(new TrialRequest { Kind = TrialKind.Canary, Version = 9 }));
        await Assert.ThrowsAsync<RefusedException>(() => CanaryAsync(0));
        await Assert.ThrowsAsync<RefusedException>(() => CanaryAsync(double.NaN));
        await _cluster.RegisterAsync("other", "x");
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Model("other").StartTrialAsync(new TrialRequest { Kind = TrialKind.Shadow, Version = 1 }));

        _cluster.Models.BrokenOn[(Nodes[1], "b")] = new InvalidDataException("cut off");
        PromotionDecision refused = await CanaryAsync(0.5);
        Assert.False(refused.Promoted);
        Assert.Contains("cut off", refused.Reason);
        Assert.Null((await _cluster.Model(Name).GetAsync())!.Trial);
    }

    [Fact]
    public async Task The_trail_tells_who_did_what_and_loses_nothing_of_it()
    {
        IModelGrain model = _cluster.Model(Name);
        await CanaryAsync(0.5);
        await model.StopTrialAsync("", "bilal");
        const int aliases = 450;
        for (int i = 0; i < aliases; i++) await model.SetAliasAsync($"alias-{i}", 1, "amina");
        await _cluster.Orleans.DeactivateAsync(model);

        ModelHistory latest = await model.GetHistoryAsync(0, 3);
        Assert.Equal(3 + aliases, latest.Total);
        Assert.All(latest.Entries, e => Assert.Equal((DecisionKind.Alias, "amina"), (e.Kind, e.By)));
        var all = new List<PromotionDecision>();
        while (all.Count < latest.Total) all.AddRange((await model.GetHistoryAsync(all.Count, 37)).Entries);
        all.Reverse();
        Assert.Equal([DecisionKind.Promotion, DecisionKind.Canary, DecisionKind.Stop], all.Take(3).Select(e => e.Kind));
        Assert.Equal(Enumerable.Range(0, aliases).Select(i => $"Alias alias-{i} points at version 1."), all.Skip(3).Select(e => e.Reason));
        Assert.Empty((await model.GetHistoryAsync(latest.Total, 10)).Entries);
    }

    private Task<PromotionDecision> CanaryAsync(double share, bool sticky = false) =>
        _cluster.Model(Name).StartTrialAsync(new TrialRequest { Kind = TrialKind.Canary, Version = 2, Share = share, Sticky = sticky }, "amina");

    private Task<PromotionDecision> ShadowAsync() => _cluster.Model(Name).StartTrialAsync(new TrialRequest { Kind = TrialKind.Shadow, Version = 2 });
}
