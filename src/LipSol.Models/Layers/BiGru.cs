using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Gated recurrent units that read forwards and backwards (Cho et al. 2014, https://arxiv.org/abs/1406.1078): features_BCT to features_B(2·hidden)T.</summary>
public sealed class BiGru : Layer
{
    private readonly TorchSharp.Modules.GRU[] layers;
    private readonly TorchSharp.Modules.Dropout dropout;
    private readonly long hidden;

    /// <summary>Creates the layers.</summary>
    /// <param name="from">C.</param>
    /// <param name="hidden">Units in each direction.</param>
    /// <param name="depth">Layers.</param>
    /// <param name="dropout">Share of values dropped between layers while training.</param>
    public BiGru(long from, long hidden, int depth = 1, double dropout = 0) : base(nameof(BiGru))
    {
        this.hidden = hidden;
        layers = [.. Enumerable.Range(0, depth).Select(i => nn.GRU(i == 0 ? from : 2 * hidden, hidden, bidirectional: true))];
        for (var i = 0; i < depth; i++) register_module($"{i}", layers[i]);
        this.dropout = nn.Dropout(dropout);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        var features_TBC = input.permute(2, 0, 1);
        for (var i = 0; i < layers.Length; i++)
            features_TBC = layers[i].call(i == 0 ? features_TBC : dropout.call(features_TBC)).Item1;
        return features_TBC.permute(1, 2, 0);
    }

    /// <summary>The units that read backwards start at each clip's own end.</summary>
    protected override Tensor Masked(Tensor input, ClipMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        using var lengths = tensor(mask.Lengths.ToArray());
        var features_TBC = input.permute(2, 0, 1);
        for (var i = 0; i < layers.Length; i++)
        {
            var packed = nn.utils.rnn.pack_padded_sequence(i == 0 ? features_TBC : dropout.call(features_TBC), lengths, enforce_sorted: false);
            features_TBC = nn.utils.rnn.pad_packed_sequence(layers[i].call(packed).Item1, total_length: mask.Frames).Item1;
        }
        return features_TBC.permute(1, 2, 0);
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraphBuilder graph, string input) => Export(graph, input, lengths: "");

    /// <inheritdoc/>
    public override string ExportMasked(OnnxGraphBuilder graph, string input, MaskValue mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return Export(graph, input, mask.LengthsAsInt32.Value);
    }

    private string Export(OnnxGraphBuilder graph, string input, string lengths)
    {
        var features_TBC = graph.Node("Transpose", [input], ("perm", (long[])[2, 0, 1]));
        foreach (var layer in layers)
        {
            var state = layer.state_dict();
            string Both(string kind) => graph.Weight(kind, stack([InOnnxOrder(state[$"{kind}_l0"]), InOnnxOrder(state[$"{kind}_l0_reverse"])]));
            var bias = graph.Weight("bias", stack([
                cat([InOnnxOrder(state["bias_ih_l0"]), InOnnxOrder(state["bias_hh_l0"])]),
                cat([InOnnxOrder(state["bias_ih_l0_reverse"]), InOnnxOrder(state["bias_hh_l0_reverse"])])]));
            // Torch applies the reset gate after the recurrent product: linear_before_reset = 1.
            var states_TDBH = graph.Node("GRU", [features_TBC, Both("weight_ih"), Both("weight_hh"), bias, lengths],
                ("direction", "bidirectional"), ("hidden_size", hidden), ("linear_before_reset", 1L));
            features_TBC = graph.Node("Reshape", [graph.Node("Transpose", [states_TDBH], ("perm", (long[])[0, 2, 1, 3])), graph.Integers(0, 0, 2 * hidden)]);
        }
        return graph.Node("Transpose", [features_TBC], ("perm", (long[])[1, 2, 0]));
    }

    // Torch stacks the gates as reset, update, new; ONNX as update, reset, hidden.
    private static Tensor InOnnxOrder(Tensor gates)
    {
        var parts = gates.detach().cpu().chunk(3);
        return cat([parts[1], parts[0], parts[2]]);
    }
}
