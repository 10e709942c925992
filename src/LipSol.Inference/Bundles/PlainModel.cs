namespace LipSol.Inference;

/// <summary>Whether a model that isn't LipSol's own making may be loaded by a node: it comes in a bundle, or was exported by a network that a person wrote.</summary>
public static class PlainModel
{
    /// <summary>It reads an input of a size that fits, and its network is made of ONNX's own operators, with all weights inside, without loops and branches. Looked at before ONNX Runtime sees it.</summary>
    /// <exception cref="UnusableBundleException">It isn't such a one; the message says why.</exception>
    public static void Require(ModelManifest manifest, ReadOnlySpan<byte> onnx, BundleLimits limits)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(limits);
        var input = manifest.Input;
        if (input.Frames > limits.InputFloats || input.Resize > 4096 || (double)input.Channels * input.Frames * input.Size * input.Size > limits.InputFloats || manifest.Vocabulary.Count > limits.InputFloats)
            throw new UnusableBundleException(BundleProblem.TooLarge, $"The network reads {input.Frames} frames of {input.Size}×{input.Size} and knows {manifest.Vocabulary.Count} classes: more than is ever taken in.");
        OnnxScan.Require(onnx);
    }
}
