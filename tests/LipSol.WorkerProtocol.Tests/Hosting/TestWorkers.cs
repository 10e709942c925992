using System.Collections.Concurrent;

namespace LipSol.WorkerProtocol.Tests.Hosting;

/// <summary>Starts the test worker in one of its moods.</summary>
internal static class TestWorkers
{
    public static string Dll { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.WorkerProtocol.TestWorker", "release", "LipSol.WorkerProtocol.TestWorker.dll"));

    public static Task<WorkerProcess> StartAsync(string mood, RecordingSink sink, TimeSpan? deadline = null, Func<WorkerProcessOptions, WorkerProcessOptions>? change = null) => WorkerProcess.StartAsync(
        new CropJob { Clips = [], OutFolder = "/nowhere" },
        (change ?? (o => o))(new WorkerProcessOptions { Executable = Dll, Arguments = [mood], StartDeadline = deadline ?? TimeSpan.FromSeconds(60) }), sink, TestContext.Current.CancellationToken);

    public static bool IsAlive(int processId) => Directory.Exists($"/proc/{processId}") && !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
}

/// <summary>Keeps what a worker says; <see cref="OnData"/> may hold it up or throw.</summary>
internal sealed class RecordingSink : IWorkerSink
{
    public ConcurrentQueue<DataMessage> Data { get; } = new();
    public ConcurrentQueue<Heartbeat> Heartbeats { get; } = new();
    public ConcurrentQueue<string> Log { get; } = new();
    public Func<DataMessage, Task> OnData { get; init; } = _ => Task.CompletedTask;
    public Action<Heartbeat> OnBeat { get; init; } = _ => { };
    public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task OnDataAsync(DataMessage message)
    {
        Data.Enqueue(message);
        await OnData(message);
    }

    public Task OnHeartbeatAsync(Heartbeat heartbeat)
    {
        Heartbeats.Enqueue(heartbeat);
        OnBeat(heartbeat);
        return Task.CompletedTask;
    }

    public void OnLog(string line)
    {
        Log.Enqueue(line);
        if (line == "ready") Ready.TrySetResult();
    }
}
