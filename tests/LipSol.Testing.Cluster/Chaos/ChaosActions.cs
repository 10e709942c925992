using System.Diagnostics;
using LipSol.Client;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Does one thing after the other to nodes, workers and the database, as a seed says. One node at least is always left alone.</summary>
internal sealed class ChaosActions(ChaosOptions options, ChaosNodes nodes, Nodes.ClusterDatabase database, Func<string, ChaosReader?> readerOf, Action<string> say)
{
    private static readonly TimeSpan NoticePatience = TimeSpan.FromSeconds(60);
    private readonly Random random = new(options.Seed);
    private readonly List<Task> underWay = [];
    private long lastDone;

    public SortedDictionary<string, int> Done { get; } = new(StringComparer.Ordinal);

    /// <summary>Seconds from SIGKILL to the first new metric, where nothing else was done meanwhile.</summary>
    public List<double> Failovers { get; } = [];

    public List<string> Broken { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
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
        lastDone++;
        switch (chosen)
        {
            case < 30:
                var (down, quiet) = (Seconds(1, 12), random.Next(2) == 0);
                await KillAsync(node, down, quiet, cancellationToken);
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

    private async Task KillAsync(ChaosNode node, TimeSpan down, bool quiet, CancellationToken cancellationToken)
    {
        var training = (await nodes.CallAsync((c, ct) => c.Runs.ListAsync(status: RunStatus.Running, cancellationToken: ct), cancellationToken)).Where(r => r.Node == node.Name).Select(r => r.Id).ToArray();
        var done = lastDone;
        var killed = Stopwatch.GetTimestamp();
        Say("killed", $"{node.Name} is killed, {(training.Length == 0 ? "without a run" : $"with run {string.Join(", ", training)}")}");
        underWay.Add(node.KillAsync(down));
        if (!quiet || training.Length == 0) return;
        foreach (var id in training)
        {
            if (readerOf(id) is not { } reader) continue;
            while (reader.LastNew <= killed + Stopwatch.Frequency / 2 && Stopwatch.GetElapsedTime(killed) < options.LongestFailover * 2 && !await IsOverAsync(id, cancellationToken)) await Task.Delay(50, cancellationToken);
            if (await IsOverAsync(id, cancellationToken) || lastDone != done) continue;
            var took = Stopwatch.GetElapsedTime(killed, reader.LastNew).TotalSeconds;
            if (reader.LastNew <= killed || took > options.LongestFailover.TotalSeconds)
                Broken.Add($"Run {id} had no new metric within {options.LongestFailover.TotalSeconds:0} s of {node.Name}'s death{(reader.LastNew > killed ? $", but after {took:0.0} s" : "")}.");
            else Failovers.Add(took);
            say($"run {id} went on {took:0.0} s after {node.Name} was killed");
        }
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
