using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>A copy of a network's weights and running statistics.</summary>
internal sealed class NamedTensors : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors;

    private NamedTensors(Dictionary<string, Tensor> tensors) => this.tensors = tensors;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> ByName => tensors;

    /// <summary>The tensors, ordered by name.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> InOrder => tensors.OrderBy(t => t.Key, StringComparer.Ordinal);

    /// <summary>A copy of what <paramref name="network"/> holds now.</summary>
    public static NamedTensors Of(nn.Module network)
    {
        using var none = no_grad();
        return new(network.state_dict().ToDictionary(t => t.Key, t => t.Value.detach().clone().DetachFromDisposeScope(), StringComparer.Ordinal));
    }

    /// <summary>Tensors that were read from a file; owned from now on.</summary>
    public static NamedTensors Owning(Dictionary<string, Tensor> tensors) => new(tensors);

    /// <summary>Overwrites what this holds with what <paramref name="network"/> holds.</summary>
    public void CopyFrom(nn.Module network)
    {
        using var none = no_grad();
        foreach (var (name, value) in network.state_dict()) tensors[name].copy_(value);
    }

    /// <summary>Overwrites what <paramref name="network"/> holds.</summary>
    public void CopyTo(nn.Module network)
    {
        using var none = no_grad();
        foreach (var (name, value) in network.state_dict()) value.copy_(tensors[name]);
    }

    /// <summary>Moves a share of 1 − <paramref name="decay"/> towards what <paramref name="network"/> holds; counters are copied.</summary>
    public void Follow(nn.Module network, double decay)
    {
        using var none = no_grad();
        using Factor kept = new(decay), added = new(1 - decay);
        foreach (var (name, value) in network.state_dict())
        {
            if (value.is_floating_point()) tensors[name].mul_(kept.Scalar).add_(value, added.Scalar);
            else tensors[name].copy_(value);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }
}
