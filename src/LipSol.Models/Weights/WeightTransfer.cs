using LipSol.Models.Networks;
using static TorchSharp.torch;

namespace LipSol.Models.Weights;

/// <summary>Copies what fits of a file into a network's encoder; its head stays as it is.</summary>
internal static class WeightTransfer
{
    // A batch norm's counter, which LipSol's layers don't use: nobody misses it.
    private const string Counter = "num_batches_tracked";

    /// <summary>Copies what fits, and says what did and what didn't. Where it throws, the network is as it was.</summary>
    /// <exception cref="UnusableWeightsException">The file or the mapping can't be read, two weights would become one, values aren't numbers, or nothing fits.</exception>
    public static InitReport Copy(Network network, WeightsSource source)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        var map = source.MapPath is { } path ? WeightMap.Read(path) : WeightMap.None;
        using var file = WeightsFile.Open(source.Path);
        var own = network.state_dict();
        var (matched, unexpected, otherShape, leftOut) = (new List<MatchedWeight>(), new List<NamedWeight>(), new List<OtherShape>(), new List<string>());
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var stored in file.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (map.NameOf(stored.Name) is not { } name)
            {
                leftOut.Add(stored.Name);
                continue;
            }
            if (!taken.TryAdd(name, stored.Name)) throw new UnusableWeightsException($"Both {taken[name]} and {stored.Name} would become {name}. Change the name mapping, or leave one of them out (a pattern without `to`).");
            if (network.IsHead(name)) continue;
            if (!own.TryGetValue(name, out var weight)) unexpected.Add(new NamedWeight(stored.Name, stored.Shape));
            else if (!stored.Shape.SequenceEqual(weight.shape) || !stored.Fits(weight.dtype)) otherShape.Add(new OtherShape(stored.Name, name, stored.Type, stored.Shape, weight.shape));
            else
            {
                values[name] = Values(stored, weight.dtype);
                matched.Add(new MatchedWeight(stored.Name, name, weight.shape));
            }
        }
        var encoder = own.Where(w => !network.IsHead(w.Key)).ToArray();
        if (matched.All(m => m.To.EndsWith(Counter, StringComparison.Ordinal)))
            throw new UnusableWeightsException($"Nothing in {source.Id} fits {network.GetName()}. " + (otherShape.Count > 0
                ? $"Its weights have other sizes: {Some(otherShape.Select(o => $"{o.To} is {StoredTensor.Describe(o.FileShape)} there and {StoredTensor.Describe(o.NetworkShape)} here"))}. Give this run the sizes that they come from (front, width, …: `lipsol runs show` tells those of a run) with --set."
                : $"It holds {Some(file.Tensors.Values.Select(t => StoredTensor.Describe($"{t.Name} {t.Type}", t.Shape)))}; the encoder's weights are {Some(encoder.Select(w => $"{w.Key} {StoredTensor.Describe(w.Value.shape)}"))}. Say with a name mapping (--map) which is which."));
        foreach (var (name, value) in values) own[name].copy_(value);
        return new InitReport
        {
            Kind = source.Kind,
            Id = source.Id,
            ContentHash = source.ContentHash,
            MapHash = source.MapHash,
            Format = file.Format,
            Network = network.GetName(),
            Matched = matched,
            Missing = [.. encoder.Where(w => !taken.ContainsKey(w.Key) && !w.Key.EndsWith(Counter, StringComparison.Ordinal)).Select(w => new NamedWeight(w.Key, w.Value.shape))],
            Unexpected = unexpected,
            OtherShape = otherShape,
            Head = [.. own.Where(w => network.IsHead(w.Key)).Select(w => new NamedWeight(w.Key, w.Value.shape))],
            LeftOut = leftOut,
            UnusedPatterns = map.Unused,
        };
    }

    private static Tensor Values(StoredTensor stored, ScalarType type)
    {
        try
        {
            var tensor = stored.ToTensor(type);
            if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
                throw new UnusableWeightsException($"{stored.Name} holds values that aren't finite numbers: the training that it comes from went wrong.");
            return tensor;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new UnusableWeightsException($"{stored.Name} can't be read: the file is damaged or cut short ({e.Message}). Copy or save it again.", e);
        }
    }

    private static string Some(IEnumerable<string> names)
    {
        var all = names.ToArray();
        return string.Join(", ", all.Take(3)) + (all.Length > 3 ? $" and {all.Length - 3} more" : "");
    }
}
