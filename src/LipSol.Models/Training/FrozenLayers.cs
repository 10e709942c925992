using LipSol.Models.Layers;
using LipSol.Models.Networks;
using LipSol.Models.Weights;
using Parameter = TorchSharp.Modules.Parameter;

namespace LipSol.Models.Training;

/// <summary>Loaded layers that stay as they are for the first epochs: their weights get no gradient, and their norms keep their statistics. A function of the epoch alone, so a run that goes on from a checkpoint freezes what it froze.</summary>
internal sealed class FrozenLayers
{
    private readonly int epochs;
    private readonly IReadOnlyList<Parameter> weights;
    private readonly IReadOnlyList<BatchNorm> norms;

    private FrozenLayers(int epochs, IReadOnlyList<Parameter> weights, IReadOnlyList<BatchNorm> norms) => (this.epochs, this.weights, this.norms) = (epochs, weights, norms);

    /// <summary>
    /// Chooses them: of the visual part as a whole, and (with <c>encoder</c>) of each layer behind it, those all of whose weights were loaded. A layer that is partly new can't stay fixed.
    /// </summary>
    /// <exception cref="UnusableWeightsException">There is none.</exception>
    public static (FrozenLayers? Layers, InitReport Report) Choose(Network network, TrainingOptions options, InitReport report)
    {
        if (options.Freeze == TrainingOptions.FreezeNone) return (null, report);
        var loaded = report.Matched.Select(m => m.To).ToHashSet();
        var (frozen, notFrozen) = (new List<string>(), new List<string>());
        foreach (var block in Blocks(network, visualOnly: options.Freeze == TrainingOptions.FreezeVisual))
        {
            string[] own = [.. network.state_dict().Keys.Where(name => IsIn(block, name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal))];
            if (own.Length > 0) (own.All(loaded.Contains) ? frozen : notFrozen).Add(block);
        }
        if (frozen.Count == 0)
            throw new UnusableWeightsException($"freeze is {options.Freeze}, but there is no layer to keep fixed: not all weights of {string.Join(", ", notFrozen)} were loaded. Leave freeze out, or start from weights that fit.");
        var layers = new FrozenLayers(options.FreezeEpochs,
            [.. network.named_parameters().Where(p => frozen.Any(block => IsIn(block, p.name))).Select(p => p.parameter)],
            [.. network.named_modules().Where(m => frozen.Any(block => IsIn(block, m.name))).Select(m => m.module).OfType<BatchNorm>()]);
        return (layers, report with { Frozen = frozen, NotFrozen = notFrozen, FreezeEpochs = options.FreezeEpochs });
    }

    /// <summary>Freezes, or lets go, as <paramref name="epoch"/> asks. To be called once the network is in training mode.</summary>
    public void Apply(int epoch)
    {
        var train = epoch >= epochs;
        foreach (var weight in weights) weight.requires_grad = train;
        foreach (var norm in norms) norm.train(train);
    }

    private static IEnumerable<string> Blocks(Network network, bool visualOnly)
    {
        foreach (var (part, module) in network.named_children())
        {
            if (network.IsVisual(part)) yield return part;
            else if (!visualOnly && !network.IsHead(part))
                foreach (var (layer, _) in module.named_children()) yield return $"{part}.{layer}";
        }
    }

    private static bool IsIn(string block, string name) => name == block || name.StartsWith(block + ".", StringComparison.Ordinal);
}
