namespace LipSol.Inference;

/// <summary>Too many clips wait for this model.</summary>
/// <param name="retryAfter">When those that wait now will have been read, by what passes have taken so far.</param>
public sealed class ReaderBusyException(TimeSpan retryAfter) : Exception("Too many clips wait for this model. Try again in a moment.")
{
    /// <summary>When those that wait now will have been read, by what passes have taken so far.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>A clip's turn came after its answer would still have been worth something: it was dropped, not computed.</summary>
public sealed class ReadTooLateException() : Exception("The clip had to wait for longer than its answer was worth something, and wasn't read. Allow more time, or try again when there's less to do.");
