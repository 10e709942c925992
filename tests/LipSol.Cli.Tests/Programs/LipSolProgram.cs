using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LipSol.Cli.Tests.Programs;

/// <summary>How a command ended and what it printed.</summary>
internal sealed record Answer(int Status, string Output, string Errors)
{
    /// <summary>stdout as the one JSON document it's meant to be: more than one, or anything beside it, fails.</summary>
    public JsonElement Document
    {
        get
        {
            try
            {
                return JsonDocument.Parse(Output).RootElement;
            }
            catch (JsonException e)
            {
                throw new InvalidOperationException($"stdout isn't one JSON document ({e.Message}); status {Status}\n--- stdout\n{Output}\n--- stderr\n{Errors}");
            }
        }
    }

    /// <summary>The answer, where the command ended like this.</summary>
    public Answer With(int status) => Status == status ? this : throw new InvalidOperationException($"status {Status} where {status} was due\n--- stdout\n{Output}\n--- stderr\n{Errors}");
}

/// <summary>`lipsol` as a process in a session of its own, as in a terminal: signals to its group reach whatever it has started too.</summary>
internal sealed class LipSolProgram : IAsyncDisposable
{
    private readonly Process process;
    private readonly TimeSpan longest;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly List<(Func<bool> So, TaskCompletionSource Seen)> waiting = [];

    private LipSolProgram(Process process, TimeSpan longest)
    {
        (this.process, this.longest) = (process, longest);
        Ended = EndAsync();
    }

    /// <summary>How it ended; it's given five minutes, a node as long as all tests together may take.</summary>
    public Task<Answer> Ended { get; }

    public int ProcessId => process.Id;

    /// <summary>The program, as it was built beside these tests.</summary>
    public static string Dll => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "LipSol.Cli.dll"));

    public static async Task<Answer> RunAsync(string dataFolder, params string[] arguments)
    {
        await using var program = Start(dataFolder, arguments);
        return await program.Ended;
    }

    public static LipSolProgram Start(string dataFolder, params string[] arguments) => StartWith([], dataFolder, arguments);

    public static LipSolProgram StartWith(Dictionary<string, string> environment, string dataFolder, params string[] arguments)
    {
        // setsid starts no process between where this one leads no group, so its id is also the group's and the session's.
        var start = new ProcessStartInfo("setsid", ["dotnet", Dll, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("LIPSOL_", StringComparison.Ordinal) && n != "LIPSOL_LANDMARK_MODELS").ToList()) start.Environment.Remove(name);
        start.Environment["LIPSOL_DATA"] = dataFolder;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new LipSolProgram(process, TimeSpan.FromMinutes(arguments is ["up", ..] or ["sweep", ..] ? 15 : 5));
    }

    /// <summary>Returns once stdout is so.</summary>
    public Task WaitForOutputAsync(Func<string, bool> so) => WaitAsync(() => so(output.ToString()));

    /// <summary>Returns once stderr is so.</summary>
    public Task WaitForErrorsAsync(Func<string, bool> so) => WaitAsync(() => so(errors.ToString()));

    /// <summary>What Ctrl-C does: SIGINT to the whole group.</summary>
    public void CtrlC() => Kill("-INT", $"-{process.Id}");

    /// <summary>A signal to the program alone.</summary>
    public void Signal(string name) => Kill("-" + name, process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether everything the program started is gone, at once or within a while.</summary>
    public async Task<bool> NothingIsLeftAsync(TimeSpan within)
    {
        for (var since = Stopwatch.StartNew(); ;)
        {
            if (!Directory.EnumerateDirectories("/proc").Any(folder => SessionOf(folder) == process.Id)) return true;
            if (since.Elapsed > within) return false;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!await NothingIsLeftAsync(TimeSpan.Zero)) Kill("-KILL", $"-{process.Id}", mayFail: true);
        await Ended.ContinueWith(_ => { }, TaskScheduler.Default);
        process.Dispose();
    }

    private async Task WaitAsync(Func<bool> so)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting)
        {
            if (so()) return;
            waiting.Add((so, seen));
        }
        if (await Task.WhenAny(seen.Task, Ended) != seen.Task)
        {
            var ended = await Ended;
            lock (waiting)
                if (!so()) throw new InvalidOperationException($"It ended (status {ended.Status}) before it said what was waited for.\n--- stdout\n{ended.Output}\n--- stderr\n{ended.Errors}");
        }
    }

    private async Task<Answer> EndAsync()
    {
        using var deadline = new CancellationTokenSource(longest);
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, errors));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            await reading.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Kill("-KILL", $"-{process.Id}", mayFail: true);
            lock (waiting) throw new TimeoutException($"It didn't end within {longest}.\n--- stdout\n{output}\n--- stderr\n{errors}");
        }
        lock (waiting) return new Answer(process.ExitCode, output.ToString(), errors.ToString());
    }

    private async Task ReadAsync(StreamReader from, StringBuilder into)
    {
        var buffer = new char[4096];
        int got;
        while ((got = await from.ReadAsync(buffer.AsMemory())) > 0)
        {
            lock (waiting)
            {
                into.Append(buffer, 0, got);
                foreach (var (_, seen) in waiting.Where(w => w.So())) seen.TrySetResult();
            }
        }
    }

    /// <summary>The session is the fourth number behind the name; see proc(5).</summary>
    private static int SessionOf(string folder)
    {
        try
        {
            var rest = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = rest[(rest.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? 0 : int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static void Kill(string signal, string target, bool mayFail = false)
    {
        using var kill = Process.Start("bash", ["-c", $"kill {signal} -- {target} 2>/dev/null"]);
        kill.WaitForExit();
        if (!mayFail) Assert.Equal(0, kill.ExitCode);
    }
}
