using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary>What a run asks of the cluster, and when its turn is.</summary>
internal sealed class NeedsOptions
{
    private readonly Option<bool> gpu = new("--gpu") { Description = "It needs a GPU; it waits until one is free." };
    private readonly Option<string?> gpuMemory = new("--gpu-memory") { Description = "It needs a GPU with this much memory.", HelpName = "SIZE" };
    private readonly Option<string?> memory = new("--memory") { Description = "Main memory that is kept for it on its node, e.g. 8GB.", HelpName = "SIZE" };
    private readonly Option<string[]> labels = new("--label") { Description = "It runs on nodes with this label only; may be given several times." };
    private readonly Option<int> priority = new("--priority") { Description = "Runs of higher priority are served first." };
    private readonly Option<int> restarts = new("--restarts") { Description = "How often it's started again after its worker or its node crashed, before it counts as failed.", DefaultValueFactory = _ => 3 };

    public IEnumerable<Symbol> All => [gpu, gpuMemory, memory, labels, priority, restarts];

    /// <summary>The run, asking for what was given.</summary>
    /// <exception cref="BadInputException">A size can't be read.</exception>
    public StartRun Apply(Invocation call, StartRun start)
    {
        var needs = new RunNeeds
        {
            Gpus = call.Value(gpu) || call.Value(gpuMemory) is not null ? 1 : 0,
            GpuMemory = Size("--gpu-memory", call.Value(gpuMemory)),
            Memory = Size("--memory", call.Value(memory)),
            Labels = call.Value(labels) ?? [],
        };
        var asks = needs.Gpus > 0 || needs.Memory > 0 || needs.Labels.Count > 0;
        return start with { Priority = call.Value(priority), MaximumRestarts = call.Value(restarts), Needs = asks ? needs : null };
    }

    private static long Size(string option, string? text)
    {
        try
        {
            return text is null ? 0 : MemorySize.Parse(text);
        }
        catch (FormatException e)
        {
            throw new BadInputException($"{option}: {e.Message}", e);
        }
    }
}
