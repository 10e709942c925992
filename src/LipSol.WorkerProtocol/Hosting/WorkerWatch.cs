namespace LipSol.WorkerProtocol;

/// <summary>Notices a worker that hangs: one that says nothing any more, and one that lives but gets no further.</summary>
/// <remarks>It counts ticks, not time: while this program or the whole machine is stopped, nothing counts against the worker.</remarks>
internal sealed class WorkerWatch
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private readonly WorkerProcessOptions options;
    private readonly Lock gate = new();
    private TimeSpan silent;
    private TimeSpan still;
    private Heartbeat? last;
    private int answering;
    private int recording;

    public WorkerWatch(WorkerProcessOptions options)
    {
        this.options = options;
        Tick = options.SilenceLimit / 10 < LongestTick ? options.SilenceLimit / 10 : LongestTick;
    }

    /// <summary>How often <see cref="Look"/> is to be called.</summary>
    public TimeSpan Tick { get; }

    /// <summary>A heartbeat came.</summary>
    public void Heard(Heartbeat heartbeat)
    {
        lock (gate)
        {
            silent = TimeSpan.Zero;
            if (last is null || (last.Step, last.Progress, last.Phase) != (heartbeat.Step, heartbeat.Progress, heartbeat.Phase)) still = TimeSpan.Zero;
            last = heartbeat;
        }
    }

    /// <summary>Until the result is disposed this program deals with a heartbeat and can't hear the next one.</summary>
    public IDisposable Answering() => new Span(() => Interlocked.Increment(ref answering), () => Interlocked.Decrement(ref answering));

    /// <summary>Until the result is disposed this program deals with what the worker reported, which may hold the worker up.</summary>
    public IDisposable Recording() => new Span(() => Interlocked.Increment(ref recording), () => Interlocked.Decrement(ref recording));

    /// <summary>Another tick has passed; returns why the worker is to be ended, null where it isn't.</summary>
    public string? Look()
    {
        lock (gate)
        {
            if (Volatile.Read(ref answering) == 0) silent += Tick;
            if (Volatile.Read(ref recording) == 0) still += Tick;
            if (silent >= options.SilenceLimit) return $"the worker hung: it gave no sign of life for {options.SilenceLimit.TotalSeconds:0} s";
            return options.StandstillLimit is { } limit && still >= limit ? $"the worker hung: it got no further than step {last?.Step ?? 0} ({last?.Phase ?? "starting"}) for {limit.TotalMinutes:0.#} minutes" : null;
        }
    }

    private sealed class Span : IDisposable
    {
        private readonly Action end;

        public Span(Action begin, Action end)
        {
            this.end = end;
            begin();
        }

        public void Dispose() => end();
    }
}
