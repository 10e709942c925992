using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>A piece of a network: a torch forward, and beside it the ONNX nodes that compute the same.</summary>
/// <remarks>A subclass registers its torch modules (<c>RegisterComponents</c>) so that their weights train and are saved. Tests hold every layer's two sides to 1e-4 of each other.</remarks>
public abstract class Layer : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">What it is called in messages and in the exported graph.</param>
    protected Layer(string name) : base(name) { }

    /// <summary>Writes the layer's nodes and weights, as they compute in evaluation.</summary>
    /// <param name="graph">The graph so far.</param>
    /// <param name="input">The value the layer reads.</param>
    /// <returns>The value it makes.</returns>
    public abstract string Export(OnnxGraphBuilder graph, string input);
}
