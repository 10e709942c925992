using LipSol.Contracts.Serving;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Serving;

/// <summary>Whoever may read may name any version: that fills no node's memory.</summary>
public sealed class NamedVersionsTests : IAsyncLifetime
{
    private const string Name = "urdu-words";
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await LipSolCluster.StartAsync();
        await _cluster.RegisterAsync();
        await _cluster.ServeAsync(Name, "a", "b", "c", "d", "e");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private string Loaded => string.Concat("abcde".Where(m => _cluster.Models.IsLoaded($"{m}")));

    [Fact]
    public async Task A_node_keeps_three_versions_that_callers_named_and_a_fourth_takes_the_place_of_the_one_read_with_longest_ago()
    {
        foreach (int version in (int[])[2, 3, 4, 2, 1]) await ReadAsync(version);
        Assert.Equal("abcd", Loaded);
        // A node that refuses because it hasn't loaded the version makes no room for it.
        IReplicaGrain replica = _cluster.Orleans.Client.GetGrain<IReplicaGrain>($"{Name}/5@{_cluster.Node}");
        await Assert.ThrowsAsync<ColdReplicaException>(() => replica.ReadAsync(ModelSteps.Clip with { WarmOnly = true, Pinned = true }));
        Assert.Equal("abcd", Loaded);

        await ReadAsync(5);
        Assert.Equal("abde", Loaded);
        await ReadAsync(3);
        Assert.Equal("abce", Loaded);
    }

    [Fact]
    public async Task A_version_that_is_being_read_with_makes_no_room_and_a_fourth_is_refused_meanwhile()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int reading = 0;
        _cluster.Models.Reading = model =>
        {
            if (model is "a") return Task.CompletedTask;
            if (Interlocked.Increment(ref reading) == 3) all.SetResult();
            return gate.Task;
        };
        Task<Reading>[] slow = [.. new[] { 2, 3, 4 }.Select(version => _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, version))];
        await all.Task.WaitAsync(Patience.Limit);
        Assert.Contains("Try again", (await Assert.ThrowsAsync<OverloadedException>(() => ReadAsync(5))).Message);
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, null)).Text);
        Assert.Equal("a", (await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, 1)).Text);
        Assert.Equal("abcd", Loaded);

        gate.SetResult();
        Assert.Equal(["b", "c", "d"], (await Task.WhenAll(slow)).Select(r => r.Text));
        Assert.Equal("e", (await ReadAsync(5)).Text);
        Assert.Equal(4, Loaded.Length);
    }

    private async Task<Reading> ReadAsync(int version)
    {
        Reading reading = await _cluster.Reader(Name).ReadAsync(ModelSteps.Clip, version);
        _cluster.Time.Advance(TimeSpan.FromSeconds(1));
        return reading;
    }
}
