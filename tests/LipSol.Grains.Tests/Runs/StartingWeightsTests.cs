using LipSol.Contracts.Runs;
using LipSol.Grains.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace LipSol.Grains.Tests.Runs;

/// <summary>Runs that start from weights, and what they keep of it.</summary>
public sealed class StartingWeightsTests : IAsyncLifetime
{
    private static readonly InitialWeights English = new()
    {
        Kind = WeightsKind.Version,
        Id = "grid@3",
        Weights = new string('a', 32),
        Map = new string('b', 32),
        Pretraining = [new Pretraining("2g08cvqza9qe", "grid", new string('c', 32), new() { ["train_clips"] = "50" })],
        Unknown = ["What لب.pt was trained on isn't known."],
        SpeakersSeen = ["ثنا"],
    };

    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task However_often_a_run_is_started_again_its_worker_is_given_the_same_weights()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { InitFrom = English }, "1");
        FakeWorker first = await _cluster.Workers.OfAsync(run);
        Assert.Equivalent(English, first.Start.Spec.InitFrom, strict: true);
        await first.CheckpointAsync("checkpoint", 1);
        await first.EndAsync(RunStatus.Interrupted, "killed");
        await _cluster.DeactivateAsync(run);
        FakeWorker second = await _cluster.Workers.OfAsync(run);
        Assert.Equal("checkpoint", second.Start.ResumeFrom!.Artifact);
        Assert.Equivalent(English, second.Start.Spec.InitFrom, strict: true);
        Assert.Equivalent(English, Assert.Single(await _cluster.History.ListAsync(new RunQuery("vowels", null, 0, 10))).Spec.InitFrom, strict: true);
    }

    [Fact]
    public async Task What_a_run_keeps_is_there_whatever_becomes_of_it_and_only_its_lease_may_write_it()
    {
        await _cluster.RegisterAsync();
        string run = await _cluster.StartRunAsync();
        FakeWorker first = await _cluster.Workers.OfAsync(run);
        await first.Events.ArtifactAsync("init-report.json", "one");
        await first.Events.ArtifactAsync("init-report.json", "one");
        await _cluster.DeactivateAsync(run);
        Assert.Equal("one", (await _cluster.Run(run).GetAsync())!.Kept!["init-report.json"]);

        await first.EndAsync(RunStatus.Interrupted, "killed");
        FakeWorker second = await _cluster.Workers.OfAsync(run);
        await Assert.ThrowsAsync<StaleLeaseException>(() => first.Events.ArtifactAsync("init-report.json", "stale"));
        await second.Events.ArtifactAsync("init-report.json", "two");
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Run(run).RecordArtifactAsync(second.Epoch, "", "three"));
        await second.EndAsync(RunStatus.Failed, "enough");
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal((RunStatus.Failed, "two"), (record.Status, record.Kept!["init-report.json"]));
    }

    /// <summary>Bytes as Orleans wrote them before runs could start from weights: neither member was there.</summary>
    [Fact]
    public void A_record_that_was_written_before_there_were_such_runs_is_read()
    {
        byte[] old = Convert.FromBase64String("IOhAGTJnMDhjdnF6YTlxZSHoQA12b3dlbHNBE2ZpcnN0IHRyeUERd29yZC10Y25BCWdyaWRBQTAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIQEDQQlyYXRlQAswLjAwMeABFQEBQQEh4AEBAQ3gCQMJwQEhgABAryDuN98IgQAAAAAAAAAA4MEBwQEBAcEBIeAhAAMh6EADYwEFgQAAAAAAAOA/IYAAQK8g7jffCIEAAAAAAAAAAODg4CHgwQEh4MEBAQHg");
        RunRecord record = _cluster.Orleans.GetSiloServiceProvider().GetRequiredService<Serializer>().Deserialize<RunRecord>(old)!;
        Assert.Equal(("2g08cvqza9qe", RunStatus.Interrupted, "word-tcn", 5L, "0.001"), (record.Id, record.Status, record.Spec.Network, record.Spec.Seed, record.Spec.Parameters["rate"]));
        Assert.Equal("c", Assert.Single(record.Checkpoints).Artifact);
        Assert.Null(record.Spec.InitFrom);
        Assert.Null(record.Kept);
    }

    [Fact]
    public async Task Weights_without_a_name_or_a_hash_are_refused()
    {
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { InitFrom = English with { Weights = "" } }, "1"));
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { InitFrom = English with { Id = " " } }, "2"));
    }
}
