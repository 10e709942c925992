using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using LipSol.Client;
using LipSol.Testing.Cluster.Processes;
using LipSol.WorkerProtocol;
using Signal = LipSol.Testing.Cluster.Processes.Signal;

namespace LipSol.Testing.Cluster.Nodes;

/// <summary>A node as its users run it: the built program, in a process of its own.</summary>
internal sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly TaskCompletionSource<Match> announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LipSolClient? client;

    private NodeProcess(string dataFolder, ProcessStartInfo start, string? secret = null)
    {
        DataFolder = dataFolder;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("LIPSOL_", StringComparison.Ordinal) && n != "LIPSOL_LANDMARK_MODELS").ToArray()) start.Environment.Remove(name);
        if (secret is not null) start.Environment["LIPSOL_WEBHOOK_SECRET"] = secret;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) => Hear(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string DataFolder { get; }

    public int ProcessId => process.Id;

    public bool HasExited => process.HasExited;

    public Uri Url { get; private set; } = null!;

    public string Token { get; private set; } = "";

    public LipSolClient Client => client ?? throw new InvalidOperationException("The node isn't up.");

    /// <summary>Everything it printed so far.</summary>
    public string Said
    {
        get { lock (said) return said.ToString(); }
    }

    /// <summary>Starts a node on a free port and returns once it has said where it is.</summary>
    public static Task<NodeProcess> StartAsync(string dataFolder, params string[] more) => ReadyAsync(Launch(dataFolder, more));

    /// <summary>As <see cref="StartAsync"/>, of a node that signs the notices of its pipelines with this secret.</summary>
    public static Task<NodeProcess> StartNotifyingAsync(string dataFolder, string secret, params string[] more) => ReadyAsync(Launch(dataFolder, more, secret));

    /// <summary>As <see cref="StartAsync"/>, by the command line's <c>up</c>.</summary>
    public static Task<NodeProcess> StartWithUpAsync(string dataFolder, params string[] more) =>
        ReadyAsync(new NodeProcess(dataFolder, WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Cli", "LIPSOL_CLI", "cli"), ["up", "--data", dataFolder, "--port", "0", .. more])));

    /// <summary>As <see cref="StartAsync"/>, of a node that stops for good in the middle of a step of a pipeline; <paramref name="file"/> is there once it does.</summary>
    public static Task<NodeProcess> StartHeldAsync(string dataFolder, string step, string file, params string[] more)
    {
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Testing.HeldNode", "LIPSOL_HELD_NODE", "held-node"), ["--data", dataFolder, "--device", "cpu", "--port", "0", .. more]);
        (start.Environment["HELD_STEP"], start.Environment["HELD_FILE"]) = (step, file);
        return ReadyAsync(new NodeProcess(dataFolder, start));
    }

    private static async Task<NodeProcess> ReadyAsync(NodeProcess node)
    {
        try
        {
            var first = await Task.WhenAny(node.announced.Task, node.process.WaitForExitAsync(), Task.Delay(StartPatience));
            Assert.True(first == node.announced.Task, $"The node didn't start:\n{node.Said}");
            var link = await node.announced.Task;
            node.Url = new Uri(link.Groups[1].Value);
            node.Token = link.Groups[2].Value;
            node.client = new LipSolClient(node.Url, node.Token);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node that is expected not to come up; its exit status and its words.</summary>
    public static async Task<(int Status, string Said)> RefuseAsync(string dataFolder, params string[] more)
    {
        await using var node = Launch(dataFolder, more);
        var status = await node.WaitForExitAsync(StartPatience);
        return (status, node.Said.Trim());
    }

    public void Send(Signal signal) => signal.Send(ProcessId);

    /// <summary>SIGKILL: the process can do nothing more. Its children aren't sent anything.</summary>
    public async Task KillAsync()
    {
        Send(Signal.Kill);
        await WaitForExitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>The exit status of a process that ends by itself.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"The node was still there after {patience.TotalSeconds:0} s:\n{Said}");
        }
        return process.ExitCode;
    }

    public async Task<string> GetStringAsync(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(Url, path));
    }

    /// <summary>A request with the node's token, for what the client has no call for.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(Url, path));
        request.Headers.Authorization = new("Bearer", Token);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        // Workers end with their node; a test that failed half-way may have stopped one.
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static NodeProcess Launch(string dataFolder, string[] more, string? secret = null)
    {
        string[] port = more.Contains("--port") ? [] : ["--port", "0"];
        return new NodeProcess(dataFolder, WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Silo", "LIPSOL_SILO", "silo"), ["--data", dataFolder, "--device", "cpu", .. port, .. more]), secret);
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        lock (said) said.AppendLine(line);
        if (Link().Match(line) is { Success: true } link) announced.TrySetResult(link);
    }

    [GeneratedRegex(@"^\s+page\s+(http://\S+)/\?token=(\S+)$")]
    private static partial Regex Link();
}
