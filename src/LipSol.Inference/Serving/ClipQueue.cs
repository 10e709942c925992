namespace LipSol.Inference;

/// <summary>The clips that wait for one model, and which of them are read next. Not safe for several threads: its owner's lock guards it. Times are since the owner's start.</summary>
internal sealed class ClipQueue(BatchingSettings settings)
{
    private readonly Lane live = new(), bulk = new();
    private double? secondsAFrame;
    private int liveInARow;

    public int Count => live.Count + bulk.Count;

    /// <summary>Refuses a clip that there's no room for.</summary>
    /// <exception cref="ReaderBusyException">There's none.</exception>
    public void RequireRoom(bool isBulk)
    {
        var full = Count >= settings.Capacity || (isBulk && bulk.Count >= (settings.Capacity + 1) / 2);
        // What the next passes take is never too much, however slow the ones before were.
        if (full || (!isBulk && live.Windows >= settings.Passes * settings.LargestBatch && Wait(live.Frames) > settings.LongestWait))
            throw new ReaderBusyException(Wait(live.Frames + bulk.Frames));
    }

    public void Add(WaitingClip clip) => (clip.Bulk ? bulk : live).Add(clip);

    /// <summary>Drops the clips that nobody wants any more, and tells their callers.</summary>
    public void DropExpired(TimeSpan now)
    {
        live.Remove(c => c.Expire(now));
        bulk.Remove(c => c.Expire(now));
    }

    /// <summary>How long the next batch still waits for company: not at all where it's full.</summary>
    public TimeSpan WaitsFor(TimeSpan now)
    {
        var batch = Batch(Next, settings.LargestBatch);
        var remaining = batch[0].Since + settings.Delay - now;
        return remaining <= TimeSpan.Zero || batch.Sum(c => c.Work.Windows) >= settings.LargestBatch ? TimeSpan.Zero : remaining;
    }

    /// <summary>Takes the next batch out: the clip whose turn it is, and those of about its length that came after it, live ones or bulk ones.</summary>
    /// <param name="free">Passes that are free, this one included; what waits is shared among them.</param>
    public List<WaitingClip> Take(int free)
    {
        var next = Next;
        liveInARow = next == live && bulk.Count > 0 ? liveInARow + 1 : 0;
        var share = (next.Windows + free - 1) / free;
        var batch = Batch(next, Math.Min(settings.LargestBatch, share));
        next.Remove(batch.Contains);
        return batch;
    }

    /// <summary>Learns from a pass how long a clip takes.</summary>
    public void Learn(IReadOnlyList<WaitingClip> batch, TimeSpan took)
    {
        var seconds = took.TotalSeconds / batch.Sum(c => c.Work.Frames);
        // One slow pass, when the machine was busy elsewhere, isn't the rule.
        secondsAFrame = secondsAFrame is { } before ? before + 0.1 * (seconds - before) : seconds;
    }

    private Lane Next => live.Count == 0 || (bulk.Count > 0 && liveInARow >= settings.LiveInARow) ? bulk : live;

    private TimeSpan Wait(long frames) => TimeSpan.FromSeconds(frames * (secondsAFrame ?? 0) / settings.Passes);

    private static List<WaitingClip> Batch(Lane from, int windows)
    {
        var batch = new List<WaitingClip>();
        var bucket = from.Clips[0].Work.Bucket;
        foreach (var clip in from.Clips)
        {
            if (clip.Work.Bucket != bucket) continue;
            windows -= clip.Work.Windows;
            if (windows < 0 && batch.Count > 0) break;
            batch.Add(clip);
        }
        return batch;
    }

    /// <summary>Clips that wait, first come first, with what they are together: every request asks for that.</summary>
    private sealed class Lane
    {
        private readonly List<WaitingClip> clips = [];

        public IReadOnlyList<WaitingClip> Clips => clips;
        public int Count => clips.Count;
        public int Windows { get; private set; }
        public long Frames { get; private set; }

        public void Add(WaitingClip clip)
        {
            clips.Add(clip);
            (Windows, Frames) = (Windows + clip.Work.Windows, Frames + clip.Work.Frames);
        }

        public void Remove(Predicate<WaitingClip> which)
        {
            if (clips.RemoveAll(which) > 0) (Windows, Frames) = (clips.Sum(c => c.Work.Windows), clips.Sum(c => (long)c.Work.Frames));
        }
    }
}

/// <summary>A clip that waits, with its caller.</summary>
internal sealed class WaitingClip(PreparedClip clip, ClipWork work, ReadTerms terms, TimeSpan since, TimeSpan until, CancellationToken cancelled)
{
    private readonly TaskCompletionSource<BatchedReading> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PreparedClip Clip { get; } = clip;
    public ClipWork Work { get; } = work;
    public bool Bulk { get; } = terms.Bulk;
    public TimeSpan Since { get; } = since;
    public Task<BatchedReading> Answer => answer.Task;

    public void Succeed(BatchedReading reading) => answer.TrySetResult(reading);

    public void Fail(Exception e) => answer.TrySetException(e);

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool Expire(TimeSpan now)
    {
        if (cancelled.IsCancellationRequested) return answer.TrySetCanceled(cancelled);
        return now >= until && answer.TrySetException(new ReadTooLateException());
    }
}

/// <summary>What the network has to compute for a clip.</summary>
/// <param name="Windows">Windows it's read in; 1 but for a sentence longer than training ever saw.</param>
/// <param name="Length">Frames of a window.</param>
internal readonly record struct ClipWork(int Windows, int Length)
{
    public int Frames => Windows * Length;

    /// <summary>Clips of one bucket are read together: the longest has less than a quarter more frames than the shortest, so padding costs less than that.</summary>
    public int Bucket { get; } = (int)Math.Floor(Math.Log(Length) / Math.Log(1.25) + 1e-9);
}
