using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>A piece of a network: a torch forward, and beside it the ONNX nodes that compute the same.</summary>
/// <remarks>
/// A subclass registers its torch modules (<c>RegisterComponents</c>) so that their weights train and are saved. Tests hold every layer's two sides to 1e-4 of each other.
/// A layer that looks from one frame to another, or takes statistics over frames, overrides <see cref="Masked"/> and <see cref="ExportMasked"/> too: it hides what lies behind a
/// clip's end before it looks, so that a clip gives the same in a padded batch as alone. What a layer leaves there doesn't matter.
/// </remarks>
public abstract class Layer : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">What it is called in messages and in the exported graph.</param>
    protected Layer(string name) : base(name) { }

    /// <summary>The forward of a batch of clips that end where <paramref name="mask"/> says.</summary>
    public Tensor call(Tensor input, ClipMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return mask.IsFull ? call(input) : Masked(input, mask);
    }

    /// <summary>Writes the layer's nodes and weights, as they compute in evaluation.</summary>
    /// <param name="graph">The graph so far.</param>
    /// <param name="input">The value the layer reads.</param>
    /// <returns>The value it makes.</returns>
    public abstract string Export(OnnxGraphBuilder graph, string input);

    /// <summary>As <see cref="Export"/>, for clips that end where <paramref name="mask"/> says.</summary>
    public virtual string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => Export(graph, input);

    /// <summary>The forward where some clip is padded.</summary>
    protected virtual Tensor Masked(Tensor input, ClipMask mask) => call(input);
}
