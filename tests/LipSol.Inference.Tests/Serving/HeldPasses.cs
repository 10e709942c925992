using System.Collections.Concurrent;

namespace LipSol.Inference.Tests.Serving;

/// <summary>A model's passes, each of which begins when the reader begins it and ends when the test lets it.</summary>
internal sealed class HeldPasses(LoadedModel model)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly BlockingCollection<Pass> begun = [];

    /// <summary>Every pass so far, by its clips.</summary>
    public ConcurrentQueue<IReadOnlyList<PreparedClip>> All { get; } = new();

    /// <summary>What the reader calls.</summary>
    public IReadOnlyList<ClipReading> Read(IReadOnlyList<PreparedClip> clips)
    {
        All.Enqueue(clips);
        var pass = new Pass(clips);
        begun.Add(pass);
        if (!pass.Released.Wait(Patience)) throw new TimeoutException("The test never let this pass end.");
        pass.Before?.Invoke();
        return model.Read(clips);
    }

    /// <summary>The next pass that begins; it goes on once it's released.</summary>
    public Pass Next() => begun.TryTake(out var pass, Patience) ? pass : throw new TimeoutException("No pass began.");

    /// <summary>A pass that was begun.</summary>
    internal sealed class Pass(IReadOnlyList<PreparedClip> clips)
    {
        public IReadOnlyList<PreparedClip> Clips => clips;
        internal ManualResetEventSlim Released { get; } = new();
        internal Action? Before { get; private set; }

        /// <summary>Lets it end, after doing this on its thread.</summary>
        public void Release(Action? before = null)
        {
            Before = before;
            Released.Set();
        }
    }
}
