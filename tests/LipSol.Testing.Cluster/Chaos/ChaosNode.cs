using System.Diagnostics;
using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>A node that is killed, stopped and started again, under one name on one data folder.</summary>
internal sealed class ChaosNode(NodeCluster cluster, string name)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);
    private volatile NodeProcess? process;
    private volatile bool disturbed = true;

    public string Name => name;

    /// <summary>Whether it's up and nothing is being done to it.</summary>
    public bool IsWell => !disturbed && process is not null;

    /// <summary>A client of the node as it is now; null where it isn't up.</summary>
    public LipSolClient? Client => IsWell ? process!.Client : null;

    public NodeProcess Process => process ?? throw new InvalidOperationException($"Node {name} isn't up.");

    /// <summary>Starts it as whatever supervises it would: again, where it can't yet since the database is away.</summary>
    public async Task StartAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                process = await cluster.StartAsync(name);
                disturbed = false;
                return;
            }
            catch (Xunit.Sdk.XunitException) when (Stopwatch.GetElapsedTime(since) < StartPatience)
            {
                await Task.Delay(1000);
            }
        }
    }

    /// <summary>SIGKILL, and after a while a new start.</summary>
    public async Task KillAsync(TimeSpan down)
    {
        disturbed = true;
        await Process.KillAsync();
        await Task.Delay(down);
        await StartAsync();
    }

    /// <summary>SIGTERM, and after a while a new start.</summary>
    public async Task ShutDownAsync(TimeSpan down)
    {
        disturbed = true;
        Process.Send(Signal.Terminate);
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(60));
        await Task.Delay(down);
        await StartAsync();
    }

    /// <summary>SIGSTOP, and after a while SIGCONT. One that the others took for dead meanwhile ends by itself, and is started again.</summary>
    /// <returns>Whether it ended.</returns>
    public async Task<bool> PauseAsync(TimeSpan pause, TimeSpan patience)
    {
        disturbed = true;
        Process.Send(Signal.Stop);
        await Task.Delay(pause);
        // One that was on its way out when it was stopped is gone.
        if (!Process.HasExited) Process.Send(Signal.Continue);
        if (await EndsOrAnswersAsync(patience))
        {
            await StartAsync();
            return true;
        }
        disturbed = false;
        return false;
    }

    /// <summary>Starts it again where it ended by itself, as it does when it finds that it's no longer in the cluster.</summary>
    public async Task<bool> ReviveAsync()
    {
        if (disturbed || !Process.HasExited) return false;
        disturbed = true;
        await StartAsync();
        return true;
    }

    // Until one of both: it knows from the others within seconds whether it's still among them.
    private async Task<bool> EndsOrAnswersAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (!Process.HasExited)
        {
            try
            {
                var node = await Process.Client.Nodes.GetAsync(name, deadline.Token);
                if (node.Up) return false;
            }
            catch (LipSolException e) when (NodeCluster.Passes(e) || e is LipSolNotFoundException)
            {
            }
            await Task.Delay(200, deadline.Token);
        }
        return true;
    }
}
