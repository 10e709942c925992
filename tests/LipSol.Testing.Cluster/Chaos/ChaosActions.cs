using System.Diagnostics;
using LipSol.Client;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Does one thing after the other to nodes, workers and the database, as a seed says. One node at least is always left alone.</summary>
internal sealed class ChaosActions(ChaosOptions options, ChaosNodes nodes, Nodes.ClusterDatabase database, Func<string, ChaosReader?> readerOf, Action<string> say)
{
    private static readonly TimeSpan NoticePatience = TimeSpan.FromSeconds(60), RunPatience = TimeSpan.FromMinutes(3);
    private readonly Random random = new(options.Seed);
    private readonly List<Task> underWay = [];

    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>Seconds from SIGKILL to the first new metric, where nothing else was done and all other nodes were well.</summary>
    public List<double> Failovers { get; } = [];

    /// <summary>The workers of nodes to which something was done: none may outlive its node.</summary>
    public HashSet<LinuxProcess> Workers { get; } = [];

    public List<string> Broken { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        await KillCalmlyAsync(cancellationToken);
        while (Stopwatch.GetElapsedTime(since) < options.Duration)
        {
            await Task.Delay(Seconds(2, 8), cancellationToken);
            foreach (var failed in underWay.Where(t => t.IsFaulted)) await failed;
            underWay.RemoveAll(t => t.IsCompleted);
            foreach (var node in nodes.All)
                if (await node.ReviveAsync()) say($"{node.Name} had ended by itself, and was started again");
            var well = nodes.Well;
            if (well.Count < 2) continue;
            await DoAsync(well[random.Next(well.Count)], cancellationToken);
        }
        await Task.WhenAll(underWay);
    }

    private async Task DoAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        var chosen = random.Next(100);
        Workers.UnionWith(LinuxProcess.ChildrenOf(node.Process.ProcessId));
        switch (chosen)
        {
            case < 15:
                await KillCalmlyAsync(cancellationToken);
                break;
            case < 30:
                Kill(node, "");
                break;
            case < 50:
                var pause = Seconds(2, 25);
                Say("stopped", $"{node.Name} is stopped for {pause.TotalSeconds:0} s");
                underWay.Add(PauseAsync(node, pause));
                break;
            case < 60:
                Say("shut down", $"{node.Name} is shut down");
                underWay.Add(node.ShutDownAsync(Seconds(1, 8)));
                break;
            case < 75:
                var signal = random.Next(2) == 0 ? Signal.Kill : Signal.SegmentationFault;
                if (LinuxProcess.ChildrenOf(node.Process.ProcessId) is { Count: > 0 } workers)
                {
                    Say("worker killed", $"a worker of {node.Name} gets {signal}");
                    signal.TrySend(workers[random.Next(workers.Count)].Id);
                }
                break;
            case < 88:
                var drained = Seconds(4, 12);
                Say("drained", $"{node.Name} is drained for {drained.TotalSeconds:0} s");
                underWay.Add(DrainAsync(node, drained, cancellationToken));
                break;
            default:
                await DisturbDatabaseAsync(Seconds(3, 30), cancellationToken);
                break;
        }
    }

    private void Kill(ChaosNode node, string with)
    {
        Say("killed", $"{node.Name} is killed{with}");
        underWay.Add(node.KillAsync(Seconds(1, 12)));
    }

    // Once all nodes are well: how long its run needs is then its own time.
    private async Task KillCalmlyAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(underWay);
        var found = await Eventually.FindAsync("run that trains while all nodes are well", RunPatience, async () =>
        {
            foreach (var ended in nodes.All) await ended.ReviveAsync();
            var running = await nodes.CallAsync((c, ct) => c.Runs.ListAsync(status: RunStatus.Running, cancellationToken: ct), cancellationToken);
            var training = running.Where(r => r.Phase == "training" && readerOf(r.Id) is not null && nodes.All.Any(n => n.Name == r.Node)).ToArray();
            return nodes.Well.Count == options.Nodes && training.Length > 0 ? training : null;
        });
        var run = found[random.Next(found.Length)];
        var node = nodes.All.First(n => n.Name == run.Node);
        Workers.UnionWith(LinuxProcess.ChildrenOf(node.Process.ProcessId));
        var killed = DateTimeOffset.UtcNow;
        Kill(node, $" with run {run.Id}, all others are well");
        var reader = readerOf(run.Id)!;
        var patience = Stopwatch.StartNew();
        double? took = null;
        while ((took = (reader.FirstNewAfter(killed) - killed)?.TotalSeconds) is null && patience.Elapsed < 2 * options.LongestFailover && !await IsOverAsync(run.Id, cancellationToken)) await Task.Delay(50, cancellationToken);
        if (took is null && await IsOverAsync(run.Id, cancellationToken)) return;
        if (took is null || took > options.LongestFailover.TotalSeconds)
            Broken.Add($"Run {run.Id} had no new metric within {options.LongestFailover.TotalSeconds:0} s of {node.Name}'s death{(took is null ? "" : $", but after {took:0.0} s")}.");
        if (took is null) return;
        Failovers.Add(took.Value);
        say($"run {run.Id} went on {took:0.0} s after {node.Name} was killed");
    }

    private async Task<bool> IsOverAsync(string id, CancellationToken cancellationToken) =>
        (await nodes.CallAsync((c, ct) => c.Runs.GetAsync(id, ct), cancellationToken)).Status is not (RunStatus.Queued or RunStatus.Running);

    private async Task PauseAsync(ChaosNode node, TimeSpan pause)
    {
        if (await node.PauseAsync(pause, NoticePatience)) say($"{node.Name} had been taken for dead, ended, and was started again");
    }

    private async Task DrainAsync(ChaosNode node, TimeSpan drained, CancellationToken cancellationToken)
    {
        try
        {
            await nodes.CallAsync((c, ct) => c.Nodes.DrainAsync(node.Name, ct), cancellationToken);
            await Task.Delay(drained, cancellationToken);
            await nodes.CallAsync((c, ct) => c.Nodes.UndrainAsync(node.Name, ct), cancellationToken);
        }
        catch (Exception e) when (e is LipSolNotFoundException or LipSolRefusedException)
        {
            // It left, or was taken for dead, before it was asked, or just then.
        }
    }

    private async Task DisturbDatabaseAsync(TimeSpan away, CancellationToken cancellationToken)
    {
        if (database.Server is not { } server)
        {
            Say("database locked", $"the database file is locked for {away.TotalSeconds:0} s");
            await database.LockAsync(away, cancellationToken);
            return;
        }
        switch (random.Next(3))
        {
            case 0:
                Say("database paused", $"the database server stands still for {away.TotalSeconds:0} s");
                server.Pause();
                await Task.Delay(away, cancellationToken);
                server.Continue();
                break;
            case 1:
                Say("database crashed", $"the database server crashes and is away for {away.TotalSeconds:0} s");
                await server.CrashAsync();
                await Task.Delay(away, cancellationToken);
                await server.StartAsync();
                break;
            default:
                Say("database restarted", "the database server is restarted");
                await server.RestartAsync();
                break;
        }
    }

    private void Say(string what, string line)
    {
        Done[what] = Done.GetValueOrDefault(what) + 1;
        say(line);
    }

    private TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + random.NextDouble() * (to - from));
}
