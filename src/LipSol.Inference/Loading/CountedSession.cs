using Microsoft.ML.OnnxRuntime;

namespace LipSol.Inference;

/// <summary>A native session that is freed by whoever lets go last, never under a running computation.</summary>
internal sealed class CountedSession(InferenceSession session) : IDisposable
{
    // The owner's own hold, then one a read under way.
    private int holds = 1;
    private int disposed;

    /// <summary>Holds the session open until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The owner has let go.</exception>
    public Held Hold()
    {
        var seen = Volatile.Read(ref holds);
        while (seen > 0 && Volatile.Read(ref disposed) == 0)
        {
            var before = Interlocked.CompareExchange(ref holds, seen + 1, seen);
            if (before == seen) return new Held(this, session);
            seen = before;
        }
        throw new ObjectDisposedException(nameof(LoadedModel), "The model was unloaded.");
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0) Release();
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref holds) == 0) session.Dispose();
    }

    internal readonly struct Held(CountedSession owner, InferenceSession session) : IDisposable
    {
        public InferenceSession Session { get; } = session;

        public void Dispose() => owner.Release();
    }
}
