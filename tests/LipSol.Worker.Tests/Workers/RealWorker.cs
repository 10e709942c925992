using System.Collections.Concurrent;
using System.Diagnostics;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Tests.Workers;

/// <summary>Starts LipSol.Worker itself, as a node does.</summary>
internal static class RealWorker
{
    public static string Dll { get; } = WorkerExecutable.Locate();

    public static Task<WorkerProcess> StartAsync(WorkerJob job, IWorkerSink sink) =>
        WorkerProcess.StartAsync(job, new WorkerProcessOptions { Executable = Dll }, sink, TestContext.Current.CancellationToken);

    /// <summary>Starts one and waits for its end.</summary>
    public static async Task<(WorkerExit Exit, RecordingSink Said)> RunAsync(WorkerJob job)
    {
        var said = new RecordingSink();
        await using var worker = await StartAsync(job, said);
        return (await worker.Ended.WaitAsync(TestContext.Current.CancellationToken), said);
    }

    public static bool IsAlive(int processId)
    {
        try
        {
            return !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Waits for a process that isn't this one's child to be gone.</summary>
    public static async Task<bool> EndsWithinAsync(int processId, TimeSpan time)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < time;)
        {
            if (!IsAlive(processId)) return true;
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        return false;
    }

    public static void Signal(int processId, string signal)
    {
        using var kill = Process.Start("bash", ["-c", $"kill -{signal} {processId}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}

/// <summary>Keeps what a worker says, and lets a test wait for a message.</summary>
internal sealed class RecordingSink : IWorkerSink
{
    private readonly List<(Func<object, bool> Wanted, TaskCompletionSource<object> Seen)> waiting = [];

    public ConcurrentQueue<DataMessage> Data { get; } = new();
    public ConcurrentQueue<Heartbeat> Heartbeats { get; } = new();
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Deals with a message; the worker gets its acknowledgement after that.</summary>
    public Func<DataMessage, Task> OnData { get; init; } = _ => Task.CompletedTask;

    /// <summary>The first message of this kind that is so, also where it came already.</summary>
    public async Task<T> WaitForAsync<T>(Func<T, bool>? so = null) where T : WorkerMessage
    {
        var seen = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool Wanted(object m) => m is T message && (so is null || so(message));
        lock (waiting)
        {
            if (Data.Cast<object>().Concat(Heartbeats).FirstOrDefault(Wanted) is { } known) return (T)known;
            waiting.Add((Wanted, seen));
        }
        return (T)await seen.Task.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
    }

    public async Task OnDataAsync(DataMessage message)
    {
        await OnData(message);
        Keep(() => Data.Enqueue(message), message);
    }

    public Task OnHeartbeatAsync(Heartbeat heartbeat)
    {
        Keep(() => Heartbeats.Enqueue(heartbeat), heartbeat);
        return Task.CompletedTask;
    }

    public void OnLog(string line) => Log.Enqueue(line);

    private void Keep(Action add, object message)
    {
        lock (waiting)
        {
            add();
            foreach (var (_, seen) in waiting.Where(w => w.Wanted(message))) seen.TrySetResult(message);
        }
    }
}
