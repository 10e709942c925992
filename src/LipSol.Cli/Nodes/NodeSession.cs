using System.Diagnostics;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Terminals;
using LipSol.Client;
using LipSol.Silo.Node;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Nodes;

/// <summary>A node for one command: the one that runs, or one that is started for the command and stopped behind it.</summary>
internal sealed class NodeSession : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OtherDeadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(25);
    private readonly Process? own;

    private NodeSession(LipSolClient client, Process? own)
    {
        Client = client;
        this.own = own;
    }

    public LipSolClient Client { get; }

    /// <summary>Whether the node was started for this command.</summary>
    public bool Started => own is not null;

    /// <summary>Finds the node: <c>LIPSOL_URL</c> where set, else the one that runs on the data folder; else starts one there.</summary>
    public static async Task<NodeSession> OpenAsync(Invocation call)
    {
        if (Environment.GetEnvironmentVariable("LIPSOL_URL") is { Length: > 0 })
            return new NodeSession(await LipSolClient.ConnectAsync(null, call.Cancelled), null);
        if (await TryConnectAsync(call.DataFolder, call.Cancelled) is { } running) return new NodeSession(running, null);
        var started = await StartAsync(call.DataFolder, call.Terminal, call.Cancelled);
        try
        {
            if (started.Started) await TellWhatGoesOnAsync(call, started.Client);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (own is null) return;
        Signals.Terminate(own);
        using var deadline = new CancellationTokenSource(StopDeadline);
        try
        {
            await own.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            own.Kill();
        }
        own.Dispose();
    }

    /// <summary>The node that runs on the data folder; null where none answers (a killed node leaves its file behind).</summary>
    public static async Task<LipSolClient?> TryConnectAsync(string dataFolder, CancellationToken cancellationToken)
    {
        try
        {
            return await LipSolClient.ConnectAsync(dataFolder, cancellationToken);
        }
        catch (LipSolUnreachableException)
        {
            return null;
        }
        catch (LipSolUnauthorizedException) when (!IsRunning(NodeFile.Read(dataFolder)))
        {
            // Another program has the port that a killed node had.
            return null;
        }
    }

    private static bool IsRunning(NodeFile? node)
    {
        try
        {
            using var process = node is null ? null : Process.GetProcessById(node.ProcessId);
            return process is { HasExited: false };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A node trains what is in its queue. Whoever asked for something else is told why the processors are busy.</summary>
    private static async Task TellWhatGoesOnAsync(Invocation call, LipSolClient client)
    {
        var runs = await client.Runs.ListAsync(status: RunStatus.Running, cancellationToken: call.Cancelled);
        runs = [.. runs, .. await client.Runs.ListAsync(status: RunStatus.Queued, cancellationToken: call.Cancelled)];
        if (runs.Count > 0) call.Terminal.Note($"The node that was started for this command also trains what was waiting: {string.Join(", ", runs.DistinctBy(r => r.Id).Select(r => $"{r.Id} ({r.Name})"))}.");
    }

    private static async Task<NodeSession> StartAsync(string dataFolder, Terminal terminal, CancellationToken cancellationToken)
    {
        if (DataFolder.Shared(dataFolder) != dataFolder)
            throw new CommandFailedException($"No node runs on {dataFolder}, whose node is one of a cluster. Start it with `lipsol up`, or name the data folder of one that runs with --data (LIPSOL_URL and LIPSOL_TOKEN for one of another machine).");
        var start = SiloProgram.StartInfo("--data", dataFolder, "--port", "0", "--owned");
        // A node for one command has no place in a cluster.
        start.Environment.Remove(NodeArguments.JoinVariable);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = new Process { StartInfo = start };
        process.Start();
        var said = new Queue<string>();
        process.OutputDataReceived += (_, e) => Keep(said, e.Data);
        process.ErrorDataReceived += (_, e) => Keep(said, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var progress = terminal.Progress("starting a node", "");
        var since = Stopwatch.StartNew();
        try
        {
            while (since.Elapsed < StartDeadline)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (process.HasExited)
                {
                    process.WaitForExit();
                    // Someone else's start may have won the race for the folder, and be under way; and one that stops lets go of it in a moment.
                    var taken = Words(said).Contains("Another node runs", StringComparison.Ordinal);
                    for (var waiting = Stopwatch.StartNew(); taken && waiting.Elapsed < OtherDeadline; await Task.Delay(100, cancellationToken))
                        if (await TryConnectAsync(dataFolder, cancellationToken) is { } other) return new NodeSession(other, null);
                    throw new CommandFailedException($"The node didn't start (status {process.ExitCode}).\n{Words(said)}");
                }
                if (NodeFile.Read(dataFolder)?.ProcessId == process.Id && await TryConnectAsync(dataFolder, cancellationToken) is { } client)
                    return new NodeSession(client, process);
                progress.Report(since.Elapsed.TotalSeconds, 0);
                await Task.Delay(100, cancellationToken);
            }
            throw new CommandFailedException($"The node didn't answer within {StartDeadline.TotalSeconds:0} s.\n{Words(said)}");
        }
        catch
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
            throw;
        }
    }

    private static void Keep(Queue<string> said, string? line)
    {
        if (line is null) return;
        lock (said)
        {
            if (said.Count == 30) said.Dequeue();
            said.Enqueue(line);
        }
    }

    private static string Words(Queue<string> said)
    {
        lock (said) return string.Join('\n', said);
    }
}
