using LipSol.Inference;

namespace LipSol.Silo.Serving;

/// <summary>How a node serves models, where it isn't left to <see cref="ServingChoice"/>.</summary>
internal sealed record ServingOptions
{
    /// <summary>Passes through a model's network at once; 0: chosen.</summary>
    public int Passes { get; init; }
    /// <summary>Threads of a pass; 0: chosen.</summary>
    public int Threads { get; init; }
    /// <summary>Most clips of a pass; 0: chosen.</summary>
    public int LargestBatch { get; init; }
    /// <summary>How long a clip waits for company while the network has nothing to do; null: chosen.</summary>
    public TimeSpan? Delay { get; init; }
    /// <summary>How long a live clip may have to wait; one that would wait longer is refused.</summary>
    public TimeSpan LongestWait { get; init; } = new BatchingSettings().LongestWait;
    /// <summary>Clips that may wait for a model, whatever they take.</summary>
    public int Capacity { get; init; } = new BatchingSettings().Capacity;

    /// <summary>How a session on a device is opened.</summary>
    public SessionSettings Session(string device) => new() { Device = device, Threads = Threads > 0 ? Threads : ServingChoice.For("cpu", Environment.ProcessorCount).Threads };

    /// <summary>How the reads of a model that was loaded are batched.</summary>
    /// <param name="device">The device that it got.</param>
    public BatchingSettings Batching(string device)
    {
        var chosen = ServingChoice.For(device, Environment.ProcessorCount);
        return new BatchingSettings
        {
            Passes = Passes > 0 ? Passes : chosen.Passes,
            LargestBatch = LargestBatch > 0 ? LargestBatch : chosen.LargestBatch,
            Delay = Delay ?? chosen.Delay,
            LongestWait = LongestWait,
            Capacity = Capacity,
        };
    }
}
