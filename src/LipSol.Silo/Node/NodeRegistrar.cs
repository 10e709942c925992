using LipSol.Contracts.Scheduling;
using LipSol.Grains.Nodes;
using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Node;

/// <summary>Tells the scheduler that this node is there, again and again, and that it leaves. Each start is another incarnation: what an earlier one held is over.</summary>
internal sealed class NodeRegistrar(IGrainFactory grains, NodeOptions options, NodeSlots slots, WorkerHost workers, TimeProvider time, ILogger<NodeRegistrar> log) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private readonly DateTimeOffset since = time.GetUtcNow();
    private readonly string incarnation = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim telling = new(1, 1);
    private volatile bool leaving;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the node says that it's up: runs of an earlier incarnation are interrupted by then.
        await RegisterAtStartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Before the workers are stopped: their runs then end as interrupted, not as crashed, and none comes straight back.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        leaving = true;
        try
        {
            await LeaveAsync().WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        }
        catch (Exception e)
        {
            log.LogWarning("The scheduler could not be told that this node leaves ({Reason}); it will notice.", e.Message);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RegisterAsync();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The scheduler could not be told that this node is there ({Reason}).", e.Message);
            }
        }
    }

    // The node that held the scheduler's grain may have died a moment ago: it comes to life on another once that is noticed.
    private async Task RegisterAtStartAsync(CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                await RegisterAsync();
                return;
            }
            catch (Exception e) when (ClusterErrors.IsPassing(e))
            {
                if (time.GetElapsedTime(since) >= StartPatience)
                    throw new NodeStartException($"The cluster's scheduler has not answered for {StartPatience.TotalSeconds:0} s ({e.Message}). Start the node again once the other nodes are well.", e);
                log.LogInformation("The scheduler does not answer yet ({Reason}).", e.Message);
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    private async Task RegisterAsync()
    {
        await telling.WaitAsync();
        try
        {
            if (leaving) return;
            var known = workers.Workers;
            var leases = await grains.GetGrain<ISchedulerGrain>(0).RegisterNodeAsync(Registration());
            workers.EndAllBut(known, leases.Select(l => (l.RunId, l.Epoch)));
        }
        finally
        {
            telling.Release();
        }
    }

    private NodeRegistration Registration() => new(options.Name, slots.All, incarnation)
    {
        Labels = [.. options.Labels],
        Memory = slots.Memory,
        Owned = options.Owned,
        Version = NodeVersion.Text.Split('+')[0],
        UpSince = since,
        DiskFull = NodeDisk.IsFull(options.DataFolder),
        Confines = options.Networks && ConfinementSupport.WhyNot is null,
    };

    private async Task LeaveAsync()
    {
        // A registration under way must not arrive behind it.
        await telling.WaitAsync();
        try
        {
            await grains.GetGrain<ISchedulerGrain>(0).UnregisterNodeAsync(options.Name, incarnation);
        }
        finally
        {
            telling.Release();
        }
    }
}
