using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101), and clipping of the gradient's norm.</summary>
/// <remarks>
/// Not TorchSharp's: each factor that it hands to libtorch is a native object of its own whose finalizer may run while libtorch reads it, if a garbage collection comes just then.
/// Seen: a counter added to with a factor of garbage, once in some thousand steps. Here every factor is held until its operation is over (<see cref="Factor"/>).
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly (string Name, TorchSharp.Modules.Parameter Weight)[] weights;
    private readonly double weightDecay;
    private readonly Dictionary<string, Tensor> first = [], second = [];
    private readonly Dictionary<string, long> steps = [];

    /// <param name="network">Whose weights to train.</param>
    /// <param name="weightDecay">Of matrices and filters; biases, norms and slopes don't decay.</param>
    public AdamW(nn.Module network, double weightDecay)
    {
        this.weightDecay = weightDecay;
        weights = [.. network.named_parameters().Select(p => (p.name, p.parameter))];
        using var none = no_grad();
        foreach (var (name, weight) in weights)
        {
            first[name] = zeros_like(weight).DetachFromDisposeScope();
            second[name] = zeros_like(weight).DetachFromDisposeScope();
            steps[name] = 0;
        }
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var (_, weight) in weights) weight.grad = null;
    }

    /// <summary>Scales all gradients down where their common norm is larger than <paramref name="largest"/>.</summary>
    public void ClipGradients(double largest)
    {
        using var none = no_grad();
        var gradients = weights.Select(w => w.Weight.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0) return;
        var norm = Math.Sqrt(stack([.. gradients.Select(g => g.square().sum())]).sum().cpu().data<float>()[0]);
        // As torch does it: a little below, so that rounding can't put it above.
        if (!(norm > largest)) return;
        using var share = new Factor(largest / (norm + 1e-6));
        foreach (var gradient in gradients) gradient.mul_(share.Scalar);
    }

    /// <summary>Moves the weights that have a gradient.</summary>
    public void Step(double learningRate)
    {
        using var none = no_grad();
        using Factor beta1 = new(Beta1), beta2 = new(Beta2), rest1 = new(1 - Beta1), rest2 = new(1 - Beta2), epsilon = new(Epsilon), one = new(1), decay = new(1 - learningRate * weightDecay);
        foreach (var (name, weight) in weights)
        {
            if (weight.grad is not { } gradient) continue;
            var step = ++steps[name];
            var (m, v) = (first[name], second[name]);
            m.mul_(beta1.Scalar).add_(gradient, rest1.Scalar);
            v.mul_(beta2.Scalar).addcmul_(gradient, gradient, rest2.Scalar);
            if (weightDecay > 0 && weight.Dimensions > 1) weight.mul_(decay.Scalar);
            using Factor spread = new(Math.Sqrt(1 - Math.Pow(Beta2, step))), rate = new(-learningRate / (1 - Math.Pow(Beta1, step)));
            weight.addcdiv_(m, v.sqrt().div_(spread.Scalar).add_(epsilon.Scalar, one.Scalar), rate.Scalar);
        }
    }

    /// <summary>The moments and counts, for a checkpoint. The tensors are this optimiser's own.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State() => weights.SelectMany(w => new[]
    {
        KeyValuePair.Create("first." + w.Name, first[w.Name]),
        KeyValuePair.Create("second." + w.Name, second[w.Name]),
        KeyValuePair.Create("steps." + w.Name, tensor([steps[w.Name]])),
    });

    /// <summary>Goes on from a state.</summary>
    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        using var none = no_grad();
        foreach (var (name, _) in weights)
        {
            first[name].copy_(state["first." + name]);
            second[name].copy_(state["second." + name]);
            steps[name] = state["steps." + name].data<long>()[0];
        }
    }

    public void Dispose()
    {
        foreach (var tensor in first.Values.Concat(second.Values)) tensor.Dispose();
    }
}

/// <summary>A number for libtorch that is there until it's disposed.</summary>
internal sealed class Factor(double value) : IDisposable
{
    public Scalar Scalar { get; } = value.ToScalar();

    public void Dispose() => Scalar.Dispose();
}
