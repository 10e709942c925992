using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace LipSol.Kernel.Tests.Jupyter;

/// <summary>The kernel as Jupyter starts it: the real program, with a connection file, and a client connected to it.</summary>
public sealed class KernelProcess : IDisposable
{
    public const string Key = "a-key-of-the-tests";
    private readonly TemporaryFolder _folder = new();

    public KernelProcess() : this(parent: null)
    {
    }

    /// <param name="parent">A script that starts the program, whose words are its arguments; null starts it directly.</param>
    /// <param name="session">The notebook that a front end has open, as Jupyter's server names it.</param>
    internal KernelProcess(string? parent, string? session = null)
    {
        // Until the kernel listens on its ports another program may take one: then it ends, and gets others.
        for (var attempt = 1; !Start(parent, session); attempt++)
        {
            Assert.True(attempt < 3 && Errors.Contains("can't be listened on", StringComparison.Ordinal), $"The kernel ended: {Errors}");
            Client.Dispose();
            Process.Dispose();
        }
    }

    public string ConnectionFile { get; private set; } = "";

    public Process Process { get; private set; } = null!;

    public string Errors { get; private set; } = "";

    internal WireClient Client { get; private set; } = null!;

    /// <summary>The command line, as built beside the tests.</summary>
    public static string Program => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "LipSol.Cli.dll"));

    // False where it ended before it answered.
    private bool Start(string? parent, string? session)
    {
        (ConnectionFile, var ports) = WriteConnectionFile(_folder);
        Errors = "";
        string[] command = [Program, "notebook", "kernel", "--connection", ConnectionFile];
        var start = parent is null ? new ProcessStartInfo("dotnet", command) : new ProcessStartInfo("/bin/sh", ["-c", parent, "sh", "dotnet", .. command]);
        start.WorkingDirectory = _folder.Path;
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        start.Environment["LIPSOL_DATA"] = _folder["data"];
        start.Environment.Remove("JPY_PARENT_PID");
        start.Environment["JPY_SESSION_NAME"] = session;
        Process = Process.Start(start)!;
        Process.ErrorDataReceived += (_, e) => Errors += e.Data + "\n";
        Process.BeginErrorReadLine();
        Client = new WireClient(ports, Key);
        if (Client.WaitUntilReady(Process))
            return true;
        // All that it said is read then.
        Process.WaitForExit();
        return false;
    }

    private static (string Path, Dictionary<string, int> Ports) WriteConnectionFile(TemporaryFolder folder)
    {
        var listeners = Enumerable.Range(0, 5).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = new[] { "shell_port", "control_port", "iopub_port", "stdin_port", "hb_port" }
            .Zip(listeners, (name, listener) => (name, ((IPEndPoint)listener.LocalEndpoint).Port)).ToDictionary(p => p.name, p => p.Port);
        listeners.ForEach(l => l.Stop());
        var json = new JsonObject { ["ip"] = "127.0.0.1", ["transport"] = "tcp", ["key"] = Key, ["signature_scheme"] = "hmac-sha256", ["kernel_name"] = "" };
        foreach (var (name, port) in ports)
            json[name] = port;
        return (folder.Write("connection.json", json.ToJsonString()), ports);
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        Process.WaitForExit();
        Process.Dispose();
        _folder.Dispose();
    }
}
