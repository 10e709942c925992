using LipSol.Models.Layers;
using LipSol.Models.Networks;
using LipSol.Models.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)] // torch's generator and threads belong to the process

namespace LipSol.Models.Tests;

/// <summary>Runs the two sides of a layer on the same random input.</summary>
internal static class OnnxRun
{
    public const float Tolerance = 1e-4f;

    /// <summary>Largest difference of torch and ONNX Runtime on random input of <paramref name="shape"/>.</summary>
    public static float Difference(Layer layer, params long[] shape)
    {
        using var scope = NewDisposeScope();
        Stir(layer);
        layer.eval();
        using var none = no_grad();
        var input = randn(shape);
        var expected = layer.call(input).contiguous();
        var graph = new OnnxGraphBuilder("layer", "x", [.. shape.Select((s, i) => ($"d{i}", i == 0 ? (long?)null : s))]);
        var model = graph.Build(layer.Export(graph, graph.Input), "y", [.. expected.shape.Select((_, i) => ($"y{i}", (long?)null))], []);
        return Difference(model, "x", input, expected);
    }

    public static float Difference(WordNetwork network, params long[] shape)
    {
        using var scope = NewDisposeScope();
        Stir(network);
        network.eval();
        using var none = no_grad();
        var input = randn(shape);
        if (network.Input.MarksWord) input.narrow(1, 1, 1).fill_(0).narrow(2, shape[2] / 3, shape[2] / 3).fill_(1);
        return Difference(network.ToOnnx(), Network.InputName, input, network.call(input));
    }

    /// <summary>ONNX Runtime's logits_BTV for a padded batch.</summary>
    public static float[] Logits(SentenceNetwork network, Tensor clip_BCTHW, params long[] lengths)
    {
        using var session = new InferenceSession(network.ToOnnx());
        var clips = new DenseTensor<float>(clip_BCTHW.contiguous().data<float>().ToArray(), [.. clip_BCTHW.shape.Select(s => (int)s)]);
        using var results = session.Run([
            NamedOnnxValue.CreateFromTensor(Network.InputName, clips),
            NamedOnnxValue.CreateFromTensor(SentenceNetwork.LengthName, new DenseTensor<long>(lengths, [lengths.Length]))]);
        return results[0].AsTensor<float>().ToArray();
    }

    private static float Difference(byte[] model, string name, Tensor input, Tensor expected)
    {
        using var session = new InferenceSession(model);
        var tensor = new DenseTensor<float>(input.data<float>().ToArray(), [.. input.shape.Select(s => (int)s)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(name, tensor)]);
        var actual = results[0].AsTensor<float>();
        Assert.Equal(expected.shape, actual.Dimensions.ToArray().Select(d => (long)d));
        return actual.ToArray().Zip(expected.contiguous().data<float>().ToArray(), (a, e) => Math.Abs(a - e)).Max();
    }

    // Fresh norms have mean 0, variance 1 and slope 1: an export that left them out would pass.
    public static void Stir(nn.Module module)
    {
        using var none = no_grad();
        foreach (var (name, buffer) in module.named_buffers())
        {
            if (name.EndsWith("running_mean", StringComparison.Ordinal)) buffer.normal_(0, 0.5);
            if (name.EndsWith("running_var", StringComparison.Ordinal)) buffer.uniform_(0.5, 2);
        }
        foreach (var (_, parameter) in module.named_parameters())
            if (parameter.shape.Length == 1) parameter.add_(randn(parameter.shape) * 0.2);
    }
}
