using LipSol.Contracts.Scheduling;

namespace LipSol.Silo.Node;

/// <summary>What this node can train on: one slot a GPU, or shares of the processors where there is none.</summary>
internal sealed class NodeSlots(NodeOptions options)
{
    /// <summary>The slots.</summary>
    public List<Slot> All { get; } = Find(options, CountGpus("/dev"));

    /// <summary>The slots of a node with so many GPUs.</summary>
    public static List<Slot> Find(NodeOptions options, int gpus)
    {
        var count = gpus > 0 ? gpus : options.Slots;
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / Math.Max(1, count));
        return [.. Enumerable.Range(0, count).Select(i => new Slot(i, gpus > 0 ? $"cuda:{i}" : "cpu", threads))];
    }

    /// <summary>NVIDIA's driver makes one device file a GPU: nvidia0, nvidia1, ….</summary>
    public static int CountGpus(string devices) => !Directory.Exists(devices) ? 0
        : Directory.EnumerateFileSystemEntries(devices, "nvidia*").Count(path => Path.GetFileName(path)["nvidia".Length..] is { Length: > 0 } number && number.All(char.IsAsciiDigit));
}
