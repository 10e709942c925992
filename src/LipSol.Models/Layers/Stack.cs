using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Layers one after the other.</summary>
public sealed class Stack : Layer
{
    private readonly Layer[] layers;

    /// <summary>Creates the stack; no layer at all passes its input on.</summary>
    public Stack(params IEnumerable<Layer> layers) : base(nameof(Stack))
    {
        this.layers = [.. layers];
        for (var i = 0; i < this.layers.Length; i++) register_module($"{i}", this.layers[i]);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => layers.Aggregate(input, (x, layer) => layer.call(x));

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => layers.Aggregate(input, (x, layer) => layer.Export(graph, x));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) => layers.Aggregate(input, (x, layer) => layer.ExportMasked(graph, x, mask));

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => layers.Aggregate(input, (x, layer) => layer.call(x, mask));
}

/// <summary>Branches that read the same input; their results are joined along the channels (dimension 1).</summary>
public sealed class Branches : Layer
{
    private readonly Layer[] branches;

    /// <summary>Creates the branches.</summary>
    public Branches(params IEnumerable<Layer> branches) : base(nameof(Branches))
    {
        this.branches = [.. branches];
        for (var i = 0; i < this.branches.Length; i++) register_module($"{i}", this.branches[i]);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => cat([.. branches.Select(b => b.call(input))], 1);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("Concat", [.. branches.Select(b => b.Export(graph, input))], ("axis", 1L));

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) =>
        graph.Node("Concat", [.. branches.Select(b => b.ExportMasked(graph, input, mask))], ("axis", 1L));

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => cat([.. branches.Select(b => b.call(input, mask))], 1);
}

/// <summary>Adds a path's result to what it read: path(x) + shortcut(x), as in He et al. 2016, https://arxiv.org/abs/1512.03385.</summary>
public sealed class Residual : Layer
{
    private readonly Layer path;
    private readonly Layer? shortcut;

    /// <summary>Creates the addition.</summary>
    /// <param name="path">The path.</param>
    /// <param name="shortcut">Brings the input to the path's shape; null where it has it already.</param>
    public Residual(Layer path, Layer? shortcut = null) : base(nameof(Residual))
    {
        this.path = path;
        this.shortcut = shortcut;
        register_module(nameof(path), path);
        if (shortcut is not null) register_module(nameof(shortcut), shortcut);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => path.call(input) + (shortcut?.call(input) ?? input);

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) =>
        graph.Node("Add", [path.Export(graph, input), shortcut?.Export(graph, input) ?? input]);

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask) =>
        graph.Node("Add", [path.ExportMasked(graph, input, mask), shortcut?.ExportMasked(graph, input, mask) ?? input]);

    /// <inheritdoc/>
    protected override Tensor Masked(Tensor input, ClipMask mask) => path.call(input, mask) + (shortcut?.call(input, mask) ?? input);
}
