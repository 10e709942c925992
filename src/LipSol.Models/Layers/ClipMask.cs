using LipSol.Models.Onnx;
using static TorchSharp.torch;

namespace LipSol.Models.Layers;

/// <summary>Where each clip of a padded batch ends: frames from there on belong to no clip.</summary>
public sealed class ClipMask
{
    private readonly Device device;
    private readonly Lazy<Tensor> mask_B1T, valid_N;

    /// <summary>Creates the mask. Its tensors belong to the dispose scope in which they are first asked for.</summary>
    /// <param name="lengths">Frames of each clip, from 1 to <paramref name="frames"/>.</param>
    /// <param name="frames">T, the frames of the padded batch.</param>
    /// <param name="device">Where the batch is; null is the CPU.</param>
    public ClipMask(IReadOnlyList<long> lengths, long frames, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        if (lengths.FirstOrDefault(l => l < 1 || l > frames, 1) is var wrong && (wrong < 1 || wrong > frames))
            throw new ArgumentException($"A clip of {wrong} frames in a batch of {frames}.", nameof(lengths));
        (Lengths, Frames, this.device) = (lengths, frames, device ?? CPU);
        mask_B1T = new(() => (tensor(Enumerable.Range(0, (int)frames).Select(t => (long)t).ToArray(), device: this.device).unsqueeze(0) < tensor(Lengths.ToArray(), device: this.device).unsqueeze(1)).to(ScalarType.Float32).unsqueeze(1));
        valid_N = new(() => tensor(Lengths.SelectMany((length, b) => Enumerable.Range(0, (int)length).Select(t => b * frames + t)).ToArray(), device: this.device));
    }

    /// <summary>Frames of each clip.</summary>
    public IReadOnlyList<long> Lengths { get; }

    /// <summary>T.</summary>
    public long Frames { get; }

    /// <summary>Whether no clip is padded.</summary>
    public bool IsFull => Lengths.All(l => l == Frames);

    /// <summary>1 in a clip's own frames, else 0: B1T.</summary>
    internal Tensor Mask_B1T => mask_B1T.Value;

    /// <summary>The batch with zeros behind each clip's end: what a clip that is alone has there.</summary>
    /// <param name="batch">Features BCT or a clip BCTHW.</param>
    public Tensor Hide(Tensor batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch * (batch.Dimensions == 5 ? mask_B1T.Value.unsqueeze(-1).unsqueeze(-1) : mask_B1T.Value);
    }

    /// <summary>The clips' own frames, one after the other: BT… to N….</summary>
    internal Tensor Pack(Tensor batch_BT) => batch_BT.flatten(0, 1).index_select(0, valid_N.Value);

    /// <summary>The frames back in their places, zeros behind each clip's end: N… to BT….</summary>
    internal Tensor Unpack(Tensor packed_N)
    {
        long[] rest = packed_N.shape[1..];
        return zeros([Lengths.Count * Frames, .. rest], packed_N.dtype, packed_N.device).index_copy(0, valid_N.Value, packed_N).reshape([Lengths.Count, Frames, .. rest]);
    }
}

/// <summary>A <see cref="ClipMask"/> in a graph.</summary>
public sealed class MaskValue
{
    private readonly Lazy<string> mask_B1T11;

    /// <summary>Writes the mask's nodes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="clip">A value BCTHW: its T is the batch's.</param>
    /// <param name="lengths">Frames of each clip, int64.</param>
    public MaskValue(OnnxGraphBuilder graph, string clip, string lengths)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Lengths = lengths;
        var frames = graph.Node("Squeeze", [graph.Node("Shape", [clip], ("start", 2L), ("end", 3L)), graph.Integers(0)]);
        var times_1T = graph.Node("Unsqueeze", [graph.Node("Range", [graph.Integer(0), frames, graph.Integer(1)]), graph.Integers(0)]);
        var own_BT = graph.Node("Less", [times_1T, graph.Node("Unsqueeze", [lengths, graph.Integers(1)])]);
        Mask_B1T = graph.Node("Unsqueeze", [graph.Node("Cast", [own_BT], ("to", OnnxGraphBuilder.Float)), graph.Integers(1)]);
        mask_B1T11 = new(() => graph.Node("Unsqueeze", [Mask_B1T, graph.Integers(3, 4)]));
        LengthsAsInt32 = new(() => graph.Node("Cast", [lengths], ("to", OnnxGraphBuilder.Int32)));
    }

    /// <summary>Frames of each clip, int64.</summary>
    public string Lengths { get; }

    /// <summary>1 in a clip's own frames, else 0.</summary>
    public string Mask_B1T { get; }

    internal Lazy<string> LengthsAsInt32 { get; }

    /// <summary>The nodes of <see cref="ClipMask.Hide"/>.</summary>
    public string Hide(OnnxGraphBuilder graph, string batch, int dimensions)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Node("Mul", [batch, dimensions == 5 ? mask_B1T11.Value : Mask_B1T]);
    }
}
