using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary>What a run starts from, and which of its layers stay fixed at first.</summary>
internal sealed class InitFromOptions
{
    private const double Megabyte = 1 << 20;

    private readonly Option<string?> source = new("--init-from")
    {
        Description = "Take the encoder's weights from a completed run, a version (MODEL, MODEL@3, MODEL@alias) or a file (safetensors, or a PyTorch state_dict); the head is new.",
        HelpName = "RUN|MODEL@3|FILE",
    };
    private readonly Option<string?> map = new("--map") { Description = "What the weights of --init-from are called in LipSol (YAML; docs/pretraining.md).", HelpName = "FILE" };
    private readonly Option<string?> freeze = new("--freeze") { Description = "Layers of --init-from that stay fixed at first: visual (what looks at the pictures) or encoder (everything but the head).", HelpName = "visual|encoder" };
    private readonly Option<int?> freezeEpochs = new("--freeze-epochs") { Description = "For so many epochs.", HelpName = "N" };

    public Symbol[] All => [source, map, freeze, freezeEpochs];

    /// <summary>The parameters of a run, with those that freeze layers.</summary>
    /// <exception cref="BadInputException">The options contradict each other.</exception>
    public Dictionary<string, string> Parameters(Invocation call, Dictionary<string, string> set)
    {
        var (from, layers, epochs) = (call.Value(source), call.Value(freeze), call.Value(freezeEpochs));
        if (from is not null && string.IsNullOrWhiteSpace(from)) throw new BadInputException("--init-from is empty: give a run, a version or a file.");
        if (from is null && call.Value(map) is not null) throw new BadInputException("--map says what the weights of --init-from are called: give both.");
        if (from is null && layers is not null) throw new BadInputException("--freeze keeps what --init-from brings: give both.");
        if (layers is null != epochs is null) throw new BadInputException("--freeze and --freeze-epochs belong together: which layers stay fixed, and for how many epochs.");
        if (layers is null) return set;
        if (layers is not ("visual" or "encoder")) throw new BadInputException($"--freeze {layers}: it is visual (what looks at the pictures) or encoder (everything but the head).");
        if (epochs < 1) throw new BadInputException($"--freeze-epochs {epochs}: give 1 or more.");
        foreach (var (name, value) in new[] { ("freeze", layers), ("freeze_epochs", epochs!.Value.ToString(CultureInfo.InvariantCulture)) })
            if (!set.TryAdd(name, value)) throw new BadInputException($"{name} is given twice: by --set and by --freeze.");
        return set;
    }

    /// <summary>The weights on the node; a file is uploaded. Null where a run starts from random ones.</summary>
    public async Task<InitialWeights?> FindAsync(Invocation call, LipSolClient client)
    {
        if (call.Value(source) is not { } from) return null;
        using var progress = call.Terminal.Progress("uploading", "MB");
        return await client.Runs.FindWeightsAsync(from, call.Value(map), new Progress<TransferProgress>(p => progress.Report(p.Done / Megabyte, (p.Total ?? 0) / Megabyte)), call.Cancelled);
    }
}
