using System.Diagnostics;
using System.Text;

namespace LipSol.Testing.Postgres;

/// <summary>The server's first process, and through it the others.</summary>
internal sealed class ServerProcess
{
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServerProcess(string[] command)
    {
        // The kernel ends the server with the thread that started it (setpriv --pdeathsig), so that thread stays as long as the server.
        new Thread(() => Run(command)) { IsBackground = true, Name = "PostgreSQL" }.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    public bool HasEnded => _ended.Task.IsCompleted;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Signals the first process, and returns once it has ended.</summary>
    public async Task EndAsync(string signal)
    {
        if (!HasEnded) Signal(signal, [_started.Task.Result]);
        await _ended.Task;
    }

    /// <summary>Signals the first process and all that it started.</summary>
    public void SignalAll(string signal)
    {
        if (HasEnded) return;
        int first = _started.Task.Result;
        // The first one first, so that it starts no more while the others are stopped.
        Signal(signal, [first]);
        string children = $"/proc/{first}/task/{first}/children";
        if (File.Exists(children)) Signal(signal, File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
    }

    private static void Signal(string signal, IEnumerable<int> processes)
    {
        string[] ids = [.. processes.Select(p => $"{p}")];
        if (ids.Length == 0) return;
        using Process kill = Process.Start(new ProcessStartInfo("kill", ["-s", signal, "--", .. ids]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    private void Run(string[] command)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.OutputDataReceived += Keep;
            process.ErrorDataReceived += Keep;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            _started.SetResult(process.Id);
            process.WaitForExit();
            _ended.SetResult();
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            _ended.TrySetResult();
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        const int kept = 8000;
        lock (_output)
        {
            _output.AppendLine(line.Data);
            if (_output.Length > 2 * kept) _output.Remove(0, _output.Length - kept);
        }
    }
}
