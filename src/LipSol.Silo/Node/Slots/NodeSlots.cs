using LipSol.Contracts.Scheduling;

namespace LipSol.Silo.Node;

/// <summary>What this node can train on: one slot a GPU, or shares of the processors where there is none.</summary>
internal sealed class NodeSlots
{
    /// <summary>Looks for them.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="note">Takes what the person who starts the node should know.</param>
    public NodeSlots(NodeOptions options, Action<string> note)
    {
        var gpus = NvidiaSmi.Find(note) ?? [.. Enumerable.Range(0, CountGpus("/dev")).Select(i => new Gpu(i, null, 0))];
        All = Find(options, gpus);
        Memory = options.Memory > 0 ? options.Memory : NodeMemory.ForRuns(NodeMemory.Available);
    }

    /// <summary>The slots.</summary>
    public List<Slot> All { get; }

    /// <summary>Main memory for the runs on them together, in bytes.</summary>
    public long Memory { get; }

    /// <summary>The slots of a node with these GPUs.</summary>
    public static List<Slot> Find(NodeOptions options, IReadOnlyList<Gpu> gpus)
    {
        var count = gpus.Count > 0 ? gpus.Count : options.Slots;
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / Math.Max(1, count));
        return gpus.Count > 0
            ? [.. gpus.Select(gpu => new Slot(gpu.Index, $"cuda:{gpu.Index}", threads) { Name = gpu.Name, Memory = gpu.Memory })]
            : [.. Enumerable.Range(0, count).Select(i => new Slot(i, "cpu", threads))];
    }

    /// <summary>NVIDIA's driver makes one device file a GPU: nvidia0, nvidia1, ….</summary>
    public static int CountGpus(string devices) => !Directory.Exists(devices) ? 0
        : Directory.EnumerateFileSystemEntries(devices, "nvidia*").Count(path => Path.GetFileName(path)["nvidia".Length..] is { Length: > 0 } number && number.All(char.IsAsciiDigit));
}
