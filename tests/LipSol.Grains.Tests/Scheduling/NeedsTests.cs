using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Tests.Cluster;

namespace LipSol.Grains.Tests.Scheduling;

/// <summary>What a run asks for, and what the cluster's node gives.</summary>
public sealed class NeedsTests : IAsyncLifetime
{
    private const long GiB = 1L << 30;
    private LipSolCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await LipSolCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_run_that_asks_for_a_GPU_waits_for_one_and_those_that_do_not_pass_it()
    {
        await RegisterAsync(0, new Slot(0, "cpu", 2));
        string wants = await _cluster.StartRunAsync("gpu", priority: 9, needs: new RunNeeds { Gpus = 1 });
        string any = await _cluster.StartRunAsync("any");
        FakeWorker passed = await _cluster.Workers.OfAsync(any);
        Assert.Equal("cpu", passed.Start.Device);
        Assert.Equal([(wants, "it asks for a GPU, and no node has one")], await WaitingAsync());

        await RegisterAsync(0, new Slot(0, "cpu", 2), new Slot(1, "cuda:0", 2));
        Assert.Equal("cuda:0", (await _cluster.Workers.OfAsync(wants)).Start.Device);
    }

    [Fact]
    public async Task A_GPU_has_the_memory_asked_for()
    {
        await RegisterAsync(0, new Slot(0, "cuda:0", 2) { Memory = 8 * GiB }, new Slot(1, "cuda:1", 2) { Memory = 40 * GiB });
        Assert.Equal("cuda:1", (await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("large", needs: new RunNeeds { Gpus = 1, GpuMemory = 24 * GiB }))).Start.Device);
        await _cluster.StartRunAsync("too large", needs: new RunNeeds { Gpus = 1, GpuMemory = 80 * GiB });
        Assert.Equal("it asks for a GPU with 80 GiB, and the largest has 40 GiB", Assert.Single(await WaitingAsync()).Waits);
    }

    [Fact]
    public async Task Labels_name_the_nodes_that_will_do()
    {
        await RegisterAsync(0, ["fast", "lab"], new Slot(0, "cpu", 1));
        string wants = await _cluster.StartRunAsync("elsewhere", needs: new RunNeeds { Labels = ["attic"] });
        Assert.Equal([(wants, "no node has the label 'attic' (there are: fast, lab)")], await WaitingAsync());
        await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("here", needs: new RunNeeds { Labels = ["lab", "fast"] }));
    }

    [Fact]
    public async Task A_network_that_a_person_wrote_waits_for_a_node_that_confines_it()
    {
        await _cluster.KeepNetworkAsync("own-net", "source");
        var node = new NodeRegistration(_cluster.Node, [new Slot(0, "cpu", 1), new Slot(1, "cpu", 1)], "first");
        await _cluster.Scheduler.RegisterNodeAsync(node);
        string own = await _cluster.Experiment("vowels").StartRunAsync(LipSolCluster.Spec() with { Network = "own-net" }, "own");
        // One of LipSol's passes it.
        await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("any"));
        (string run, string waits) = Assert.Single(await WaitingAsync());
        Assert.Equal(own, run);
        Assert.StartsWith("a person wrote its network, and no node trains such ones", waits);

        await _cluster.Scheduler.RegisterNodeAsync(node with { Confines = true });
        Assert.Equal("source", (await _cluster.Workers.OfAsync(own)).Start.Spec.NetworkSource);
    }

    [Fact]
    public async Task A_node_whose_disk_is_full_gets_no_further_run_until_it_has_room()
    {
        var node = new NodeRegistration(_cluster.Node, [new Slot(0, "cpu", 1), new Slot(1, "cpu", 1)], "first");
        await _cluster.Scheduler.RegisterNodeAsync(node);
        FakeWorker goesOn = await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("before"));
        await _cluster.Scheduler.RegisterNodeAsync(node with { DiskFull = true });
        string waits = await _cluster.StartRunAsync("after");
        Assert.Equal([(waits, $"the disk of node {_cluster.Node} is full")], await WaitingAsync());
        await goesOn.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        Assert.Equal([waits], (await WaitingAsync()).Select(w => w.Run));

        await _cluster.Scheduler.RegisterNodeAsync(node);
        await _cluster.Workers.OfAsync(waits);
    }

    [Fact]
    public async Task Memory_is_given_out_once()
    {
        await RegisterAsync(16 * GiB, new Slot(0, "cpu", 1), new Slot(1, "cpu", 1), new Slot(2, "cpu", 1));
        FakeWorker holds = await _cluster.Workers.OfAsync(await _cluster.StartRunAsync("holds", needs: Memory(10)));
        string large = await _cluster.StartRunAsync("large", needs: Memory(8));
        // It would fit beside the first. But then there might always be another small one, and the large one would wait for ever.
        string small = await _cluster.StartRunAsync("small", needs: Memory(2));
        string huge = await _cluster.StartRunAsync("huge", needs: Memory(64));
        Assert.Equal(
            [(large, "8 GiB of memory aren't free on a node with a free slot; it's the next"), (small, "2 GiB of memory aren't free on a node with a free slot; one run is before it"), (huge, "it asks for 64 GiB of memory, and no node gives more than 16 GiB")],
            await WaitingAsync());

        await holds.EndAsync(RunStatus.Completed, outcome: LipSolCluster.Outcome("model"));
        await _cluster.Workers.OfAsync(large);
        await _cluster.Workers.OfAsync(small);
        Assert.Equal([huge], (await WaitingAsync()).Select(w => w.Run));
    }

    [Fact]
    public async Task A_drained_node_gets_no_runs_and_its_own_go_on_once_it_is_opened_again()
    {
        await RegisterAsync(0, new Slot(0, "cpu", 1));
        string run = await _cluster.StartRunAsync(restarts: 0);
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        await _cluster.Scheduler.DrainAsync(_cluster.Node);
        Assert.Equal(new GrainsOptions().StopGrace, await worker.StopAsked);
        await worker.CheckpointAsync("last", 7);
        await worker.EndAsync(RunStatus.Interrupted, "drained");
        RunRecord record = (await _cluster.Run(run).GetAsync())!;
        Assert.Equal(RunStatus.Queued, record.Status);
        Assert.Equal([(run, $"node {_cluster.Node} is drained")], await WaitingAsync());
        Assert.Equal([_cluster.Node], (await _cluster.Scheduler.GetAsync()).Draining);

        // Also over a restart of the node.
        await _cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(_cluster.Node, [new Slot(0, "cpu", 1)], "another"));
        Assert.Single(await WaitingAsync());
        await _cluster.Scheduler.UndrainAsync(_cluster.Node);
        Assert.Equal("last", (await _cluster.Workers.OfAsync(run)).Start.ResumeFrom!.Artifact);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_drained()
    {
        await RegisterAsync(0, new Slot(0, "cpu", 1));
        Assert.Contains(_cluster.Node, (await Assert.ThrowsAsync<RefusedException>(() => _cluster.Scheduler.DrainAsync("nowhere"))).Message);
    }

    [Fact]
    public async Task Each_attempt_of_a_run_computes_with_the_threads_of_its_first()
    {
        await RegisterAsync(0, new Slot(0, "cpu", 2));
        string run = await _cluster.StartRunAsync();
        FakeWorker worker = await _cluster.Workers.OfAsync(run);
        Assert.Equal(2, worker.Start.Threads);
        await _cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(_cluster.Node, [new Slot(0, "cpu", 7)], "stronger"));
        Assert.Equal(2, (await _cluster.Workers.OfAsync(run)).Start.Threads);
    }

    [Theory]
    [InlineData(2, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(0, -5, 0)]
    [InlineData(0, 0, 5)]
    public async Task What_can_never_be_had_is_refused(int gpus, long memory, long gpuMemory) =>
        await Assert.ThrowsAsync<RefusedException>(() => _cluster.StartRunAsync(needs: new RunNeeds { Gpus = gpus, Memory = memory, GpuMemory = gpuMemory }));

    private static RunNeeds Memory(int gib) => new() { Memory = gib * GiB };

    private Task RegisterAsync(long memory, params Slot[] slots) => RegisterAsync(memory, [], slots);

    private Task RegisterAsync(long memory, List<string> labels, params Slot[] slots) =>
        _cluster.Scheduler.RegisterNodeAsync(new NodeRegistration(_cluster.Node, [.. slots], "first") { Memory = memory, Labels = labels });

    private async Task<List<(string Run, string Waits)>> WaitingAsync() => [.. (await _cluster.Scheduler.GetAsync()).Queue.Select(q => (q.RunId, q.Waits))];
}
