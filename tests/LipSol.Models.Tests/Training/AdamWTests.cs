using static TorchSharp.torch;
using Adam = LipSol.Models.Training.AdamW;

namespace LipSol.Models.Tests.Training;

public sealed class AdamWTests
{
    [Fact]
    public void It_steps_as_torchs_own_does()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var (ours, theirs) = (Network(), Network());
        theirs.load_state_dict(ours.state_dict());
        using var one = new Adam(ours, weightDecay: 0.1);
        var parameters = theirs.parameters().ToList();
        using var other = new TorchSharp.Modules.AdamW(
            [new TorchSharp.Modules.AdamW.ParamGroup(parameters.Where(p => p.Dimensions > 1), 0.01, weight_decay: 0.1), new TorchSharp.Modules.AdamW.ParamGroup(parameters.Where(p => p.Dimensions <= 1), 0.01, weight_decay: 0)], 0.01);
        for (var step = 0; step < 12; step++)
        {
            var (input, learningRate) = (randn(8, 5), 0.01 / (step + 1));
            one.ZeroGradients();
            Loss(ours, input).backward();
            one.ClipGradients(0.5);
            one.Step(learningRate);

            foreach (var group in other.ParamGroups) group.LearningRate = learningRate;
            other.zero_grad();
            Loss(theirs, input).backward();
            nn.utils.clip_grad_norm_(theirs.parameters(), 0.5);
            other.step();
        }
        foreach (var (a, b) in ours.parameters().Zip(theirs.parameters())) Assert.True(allclose(a, b, rtol: 1e-5, atol: 1e-6));
    }

    [Fact]
    public void Gone_on_from_its_state_it_steps_as_if_it_had_never_stopped()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var (whole, parts) = (Network(), Network());
        parts.load_state_dict(whole.state_dict());
        var inputs = Enumerable.Range(0, 6).Select(_ => randn(8, 5)).ToList();
        using var one = new Adam(whole, 0.1);
        foreach (var input in inputs) Train(whole, one, input);
        using var first = new Adam(parts, 0.1);
        foreach (var input in inputs.Take(3)) Train(parts, first, input);
        using var second = new Adam(parts, 0.1);
        second.Restore(first.State().ToDictionary());
        foreach (var input in inputs.Skip(3)) Train(parts, second, input);
        foreach (var (a, b) in whole.parameters().Zip(parts.parameters())) Assert.Equal(a.data<float>().ToArray(), b.data<float>().ToArray());

        static void Train(nn.Module<Tensor, Tensor> network, Adam optimizer, Tensor input)
        {
            optimizer.ZeroGradients();
            Loss(network, input).backward();
            optimizer.Step(0.01);
        }
    }

    [Fact]
    public void A_weight_without_a_gradient_stays()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var network = Network();
        using var optimizer = new Adam(network, 0.1);
        var frozen = network.parameters().First();
        frozen.requires_grad = false;
        var before = frozen.data<float>().ToArray();
        Loss(network, randn(8, 5)).backward();
        optimizer.Step(0.01);
        Assert.Equal(before, frozen.data<float>().ToArray());
    }

    private static TorchSharp.Modules.Sequential Network() => nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3));

    private static Tensor Loss(nn.Module<Tensor, Tensor> network, Tensor input) => network.call(input).square().sum();
}
