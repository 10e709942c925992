namespace LipSol.WorkerProtocol;

/// <summary>How a worker ended.</summary>
public enum WorkerEnd
{
    /// <summary>It did its job; there's a result.</summary>
    Completed,
    /// <summary>It stopped as asked.</summary>
    Stopped,
    /// <summary>It said why it failed: it would fail again.</summary>
    Failed,
    /// <summary>It crashed, broke the protocol, or its host gave it up.</summary>
    Crashed,
    /// <summary>The process was killed from outside (SIGKILL, SIGTERM without a word, out of memory).</summary>
    Killed,
}

/// <summary>How a worker ended, and why.</summary>
/// <param name="End">How.</param>
/// <param name="Reason">Why, for people; null where it completed.</param>
/// <param name="Result">The result where it completed.</param>
/// <param name="BadInput">It failed since what was asked for can't be done as it stands.</param>
/// <param name="ExitCode">The process' exit code; 128 + n where signal n ended it.</param>
public sealed record WorkerExit(WorkerEnd End, string? Reason, JobResult? Result, bool BadInput, int ExitCode)
{
    /// <summary>It failed since there was no room for what it had to write; it can be done once there is.</summary>
    public bool DiskFull { get; init; }
    /// <summary>It was ended since it held more memory than it may (<see cref="WorkerProcessOptions.MemoryLimit"/>).</summary>
    public bool TooMuchMemory { get; init; }
}

/// <summary>A worker didn't come up.</summary>
public sealed class WorkerStartException : Exception
{
    /// <summary>Creates it.</summary>
    public WorkerStartException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>What a worker says, told one at a time and in order on each of the three paths.</summary>
public interface IWorkerSink
{
    /// <summary>A message with consequences; acknowledged to the worker once this returns. An exception ends the worker, with the exception's message as the reason.</summary>
    Task OnDataAsync(DataMessage message);
    /// <summary>A sign of life. Comes also while <see cref="OnDataAsync"/> is busy.</summary>
    Task OnHeartbeatAsync(Heartbeat heartbeat);
    /// <summary>A line that the worker, or a native library in it, printed.</summary>
    void OnLog(string line);
}
