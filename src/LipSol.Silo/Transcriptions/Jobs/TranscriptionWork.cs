using LipSol.Client;

namespace LipSol.Silo.Transcriptions;

/// <summary>A clip whose answer is fetched later.</summary>
/// <param name="id">The transcription's id.</param>
/// <param name="clip">The clip.</param>
/// <param name="wish">How to read it.</param>
/// <param name="received">How long it took to arrive.</param>
/// <param name="since">How long ago its request came.</param>
/// <param name="time">The clock.</param>
internal sealed class TranscriptionWork(string id, ReceivedClip clip, ReadingWish wish, TimeSpan received, TimeSpan since, TimeProvider time)
{
    private readonly long entered = time.GetTimestamp();
    private readonly CancellationTokenSource cancelled = new();
    private readonly Lock gate = new();
    private (TranscriptionState State, double Progress)? news;
    private bool begun;

    public string Id => id;

    public ReceivedClip Clip => clip;

    public ReadingWish Wish => wish;

    public TimeSpan Received => received;

    /// <summary>How long it's been here.</summary>
    public TimeSpan Waited => time.GetElapsedTime(entered);

    /// <summary>Until when its answer is worth something.</summary>
    public AnswerDeadline Deadline => new(wish.Within, () => since + Waited);

    public CancellationToken Cancelled => cancelled.Token;

    /// <summary>Begins to work on it; false where it was cancelled before.</summary>
    public bool TryBegin()
    {
        lock (gate) return !cancelled.IsCancellationRequested && (begun = true);
    }

    /// <summary>Cancels it; true where nobody has begun to work on it, nor will.</summary>
    public bool Cancel()
    {
        cancelled.Cancel();
        lock (gate) return !begun;
    }

    /// <summary>How far it is now.</summary>
    public void Tell(TranscriptionState state, double progress)
    {
        lock (gate) news = (state, progress);
    }

    /// <summary>How far it is, where that was told since this was last asked.</summary>
    public (TranscriptionState State, double Progress)? TakeNews()
    {
        lock (gate)
        {
            var told = news;
            news = null;
            return told;
        }
    }
}
