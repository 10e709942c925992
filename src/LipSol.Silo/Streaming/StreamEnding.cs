namespace LipSol.Silo.Streaming;

/// <summary>A stream is over before its end.</summary>
/// <param name="reason">The kind, for programs.</param>
/// <param name="message">What was wrong and what to do.</param>
internal sealed class StreamEnding(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
