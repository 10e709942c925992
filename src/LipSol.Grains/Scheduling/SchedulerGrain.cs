using LipSol.Contracts.Runs;
using LipSol.Contracts.Scheduling;
using LipSol.Grains.Nodes;
using LipSol.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace LipSol.Grains.Scheduling;

/// <summary>
/// The one grain that gives out leases. A lease is written down before anyone hears of it; its epoch is higher than every one before.
/// Reentrant, since runs call it while it calls runs; between awaits its state is always whole.
/// </summary>
[GrainType("scheduler"), Reentrant, KeepAlive]
internal sealed partial class SchedulerGrain(
    [PersistentState("scheduler")] IPersistentState<SchedulerState> state,
    IRunIndex index,
    ClusterNodes nodes,
    [FromKeyedServices(LipSolGrainsExtensions.Clock)] TimeProvider time,
    GrainsOptions options,
    ILogger<SchedulerGrain> logger) : Grain, ISchedulerGrain, IRemindable
{
    private const string Reminder = "reconcile";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);
    private const int TellAttempts = 10;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _deactivated = new();
    private readonly Dictionary<string, DateTimeOffset> _heardOf = [];

    // Nodes that get no run for the moment: those that couldn't be reached and weren't heard of since.
    private readonly HashSet<string> _unreachable = [];

    // As their last registrations said. Not in the state: that couldn't be written where the database is on the same disk.
    private readonly HashSet<string> _full = [];
    private long _changes, _written;
    private bool _leasing, _leaseAgain;

    private SchedulerState State => state.State;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Nodes get a full timeout to be heard of: this grain may have been away as long as they.
        foreach (string node in State.Nodes.Select(n => n.Name).Concat(State.Leases.Select(l => l.Node))) _heardOf[node] = time.GetUtcNow();
        this.RegisterGrainTimer(static (self, _) => self.ReconcileAsync(), this, new GrainTimerCreationOptions(options.ReconcilePeriod, options.ReconcilePeriod) { Interleave = true, KeepAlive = true });
        _ = WatchMembershipAsync();
        // The reminder wakes the grain after a restart, where nothing else would. Written once: on a full disk the grain still answers.
        if (await this.GetReminder(Reminder) is null) await this.RegisterOrUpdateReminder(Reminder, ReminderPeriod, ReminderPeriod);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _deactivated.CancelAsync();

    public Task ReceiveReminder(string reminderName, TickStatus status) => ReconcileAsync();

    public async Task EnqueueAsync(string runId, int priority, RunNeeds? needs)
    {
        if (State.LeaseOf(runId) is null && !State.Queue.Exists(w => w.RunId == runId))
        {
            State.Enqueue(runId, priority, needs);
            await WriteAsync();
        }
        Lease();
    }

    public async Task ReleaseAsync(string runId, long epoch)
    {
        if (epoch == 0 && State.Queue.Exists(w => w.RunId == runId))
        {
            State.Dequeue(runId);
            await WriteAsync();
        }
        else if (State.LeaseOf(runId) is { } lease && lease.Epoch == epoch)
        {
            State.EndLease(lease);
            await WriteAsync();
        }
        Lease();
    }

    public async Task StopAsync(string runId, long epoch, string reason)
    {
        if (State.LeaseOf(runId) is { } lease && lease.Epoch == epoch) await Activity(lease).StopAsync(epoch, reason);
    }

    public async Task<List<Lease>> RegisterNodeAsync(NodeRegistration node)
    {
        Check(node);
        _heardOf[node.Name] = time.GetUtcNow();
        _unreachable.Remove(node.Name);
        if (node.DiskFull) _full.Add(node.Name);
        else _full.Remove(node.Name);
        NodeRegistration? known = State.Nodes.Find(n => n.Name == node.Name);
        List<Lease> lost = known?.Incarnation == node.Incarnation ? [] : LeasesOf(node.Name);
        if (known is null || known.Incarnation != node.Incarnation || !known.Slots.SequenceEqual(node.Slots) || !known.Labels.SequenceEqual(node.Labels) || known.Memory != node.Memory || known.Confines != node.Confines)
        {
            State.Nodes = [.. State.Nodes.Where(n => n.Name != node.Name).Append(node).OrderBy(n => n.Name, StringComparer.Ordinal)];
            await LoseAsync(lost, $"Node {node.Name} was started anew.");
        }
        Lease();
        return LeasesOf(node.Name);
    }

    public async Task UnregisterNodeAsync(string name, string incarnation)
    {
        if (!State.Nodes.Exists(n => n.Name == name && n.Incarnation == incarnation)) return;
        State.Nodes = [.. State.Nodes.Where(n => n.Name != name)];
        await WriteAsync();
        await TellAsync(LeasesOf(name), (run, lease) => run.NodeLeavesAsync(lease.Epoch, $"Node {name} was shut down.", goesOn: !lease.NodeIsOwned));
    }

    public Task<SchedulerView> GetAsync() => Task.FromResult(new SchedulerView([.. State.Nodes.Select(n => n with { DiskFull = _full.Contains(n.Name) })], State.Leases,
        [.. State.Queue.Select((w, place) => new QueuedRun(w.RunId, w.Priority, WhyWaiting.Of(place, State, _full)))]) { Draining = State.Draining, HeardOf = new(_heardOf) });

    private static void Check(NodeRegistration node)
    {
        if (string.IsNullOrWhiteSpace(node.Name) || string.IsNullOrWhiteSpace(node.Incarnation)) throw new RefusedException("A node registers with its name and an incarnation.");
        if (node.Slots.DistinctBy(s => s.Index).Count() != node.Slots.Count) throw new RefusedException($"Node {node.Name} has two slots of one index.");
    }

    private List<Lease> LeasesOf(string node) => [.. State.Leases.Where(l => l.Node == node)];

    private IRunGrain Run(string runId) => GrainFactory.GetGrain<IRunGrain>(runId);

    private IRunActivityGrain Activity(Lease lease) => GrainFactory.GetGrain<IRunActivityGrain>(NodePlacement.Key(lease.RunId, lease.Node));

    private async Task DropNodeAsync(string node, string reason)
    {
        List<Lease> lost = LeasesOf(node);
        State.Nodes = [.. State.Nodes.Where(n => n.Name != node)];
        _heardOf.Remove(node);
        _unreachable.Remove(node);
        _full.Remove(node);
        await LoseAsync(lost, reason);
        Lease();
    }

    // A run knows that its lease is over before the slot is given to another, also where this grain dies in between.
    private async Task LoseAsync(List<Lease> leases, string reason)
    {
        List<LostLease> lost = State.Lose(leases, reason);
        await WriteAsync();
        await TellLostAsync(lost);
    }

    private async Task TellLostAsync(List<LostLease> lost)
    {
        bool[] told = await Task.WhenAll(lost.Select(l => TellAsync(l.Lease, (run, lease) => run.LoseLeaseAsync(lease.Epoch, l.Reason, goesOn: !lease.NodeIsOwned))));
        if (!told.Contains(true)) return;
        State.Lost = [.. State.Lost.Except(lost.Where((_, i) => told[i]))];
        await WriteAsync();
    }

    private Task TellAsync(List<Lease> leases, Func<IRunGrain, Lease, Task> tell) => Task.WhenAll(leases.Select(lease => TellAsync(lease, tell)));

    /// <summary>False where the run couldn't be told. Often its record was on the node that died as well, and takes a moment to come to life elsewhere.</summary>
    private async Task<bool> TellAsync(Lease lease, Func<IRunGrain, Lease, Task> tell)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await tell(Run(lease.RunId), lease);
                return true;
            }
            catch (RefusedException e)
            {
                logger.LogWarning(e, "Run {Run} has no use for what becomes of its lease {Epoch}.", lease.RunId, lease.Epoch);
                return true;
            }
            catch (Exception e) when (attempt < TellAttempts)
            {
                logger.LogDebug(e, "Run {Run} couldn't be told yet what becomes of its lease {Epoch}.", lease.RunId, lease.Epoch);
                await Task.Delay(TellInterval);
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "Run {Run} couldn't be told what becomes of its lease {Epoch}; reconciling tries again.", lease.RunId, lease.Epoch);
                return false;
            }
        }
    }

    private async Task WriteAsync()
    {
        long change = ++_changes;
        await _writing.WaitAsync();
        try
        {
            // Another's write that began after this change has taken it along.
            if (_written >= change) return;
            long upTo = _changes;
            await state.WriteStateAsync();
            _written = upTo;
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }
}
