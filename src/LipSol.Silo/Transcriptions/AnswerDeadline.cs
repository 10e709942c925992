using LipSol.Contracts.Serving;

namespace LipSol.Silo.Transcriptions;

/// <summary>Until when an answer is worth something to whoever asked for it. What isn't done by then is given up: not begun, or cancelled where it's under way.</summary>
/// <param name="within">How long that is; null: for ever.</param>
/// <param name="elapsed">How much of it is over already.</param>
internal sealed class AnswerDeadline(TimeSpan? within, Func<TimeSpan> elapsed)
{
    /// <summary>What is left of it; null: it's not limited.</summary>
    public TimeSpan? Left => within - elapsed();

    /// <summary>Whether it's over.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>Does something that is cancelled once the time is over.</summary>
    /// <exception cref="TooLateException">It was, or it is.</exception>
    public async Task<T> HoldAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (Left is not { } left) return await work(cancellationToken);
        if (left <= TimeSpan.Zero) throw TooLate();
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(left);
        try
        {
            return await work(limited.Token);
        }
        catch (OperationCanceledException) when (limited.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooLate();
        }
    }

    private TooLateException TooLate() => new(FormattableString.Invariant($"There was no answer within the {within!.Value.TotalSeconds:0.###} s asked for, so the clip wasn't read. Allow more time (within), or send it when there is less to do."));
}
