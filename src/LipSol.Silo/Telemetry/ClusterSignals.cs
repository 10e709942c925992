using System.Diagnostics.Metrics;
using LipSol.Contracts.Scheduling;

namespace LipSol.Silo.Telemetry;

/// <summary>Runs and slots as the scheduler sees them. Each node tells the same of all: take the largest, not the sum.</summary>
internal sealed class ClusterSignals
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private readonly IGrainFactory grains;
    private readonly TimeProvider time;
    private readonly ILogger<ClusterSignals> log;
    private volatile SchedulerView? last;
    private long asked;
    private int asking;

    public ClusterSignals(IMeterFactory meters, IGrainFactory grains, TimeProvider time, ILogger<ClusterSignals> log)
    {
        (this.grains, this.time, this.log) = (grains, time, log);
        var meter = meters.Create(Signals.Name);
        meter.CreateObservableGauge("lipsol.runs", () => Told(Runs), "{run}", "Runs of the cluster that wait and that run.");
        meter.CreateObservableGauge("lipsol.slots", () => Told(Slots), "{slot}", "Slots of the cluster, free and taken, by node.");
    }

    /// <summary>Asks beforehand, so that the first who looks sees something.</summary>
    public void Prepare() => Ask();

    private IEnumerable<Measurement<int>> Told(Func<SchedulerView, IEnumerable<Measurement<int>>> tell)
    {
        // Whoever collects isn't made to wait for a grain: what is told is some seconds old, or as old as the last collection.
        if (time.GetElapsedTime(Volatile.Read(ref asked)) > Fresh) Ask();
        return last is { } view ? tell(view) : [];
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref asking, 1) == 0) _ = AskAsync();
    }

    private async Task AskAsync()
    {
        await Task.Yield();
        try
        {
            last = await grains.GetGrain<ISchedulerGrain>(0).GetAsync();
            Volatile.Write(ref asked, time.GetTimestamp());
        }
        catch (Exception e)
        {
            // What isn't known any more isn't told.
            last = null;
            log.LogDebug(e, "The scheduler can't be asked");
        }
        finally
        {
            Volatile.Write(ref asking, 0);
        }
    }

    private static IEnumerable<Measurement<int>> Runs(SchedulerView view) =>
        [new(view.Queue.Count, Tag("status", "queued")), new(view.Leases.Count, Tag("status", "running"))];

    private static IEnumerable<Measurement<int>> Slots(SchedulerView view) =>
        from node in view.Nodes
        let taken = view.Leases.Count(l => l.Node == node.Name)
        from state in new[] { ("taken", taken), ("free", node.Slots.Count - taken) }
        select new Measurement<int>(state.Item2, Tag("node", node.Name), Tag("state", state.Item1));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
