using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>What a node logs that matters here: processes that ended on a clip or a picture, and defects.</summary>
internal sealed class NodeLog : ILoggerProvider, ILogger
{
    private int ended;

    /// <summary>Processes that cropped and ended on what they were given.</summary>
    public int EndedCroppers => ended;

    /// <summary>What the node calls an error: whatever is sent to it, that's a defect of its own.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        if (text.StartsWith("A process that crops", StringComparison.Ordinal)) Interlocked.Increment(ref ended);
        if (logLevel >= LogLevel.Error) Errors.Enqueue($"logged: {text} {exception}");
    }

    public void Dispose()
    {
    }
}
