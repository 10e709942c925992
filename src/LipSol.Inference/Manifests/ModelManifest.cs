using LipSol.Clips;

namespace LipSol.Inference;

/// <summary>What a model version carries beside its ONNX file. Stored as <c>model.json</c> next to <c>model.onnx</c> in the version's folder artifact.</summary>
public sealed record ModelManifest
{
    /// <summary>Format of this file; a newer major is refused.</summary>
    public int Format { get; init; } = 1;
    /// <summary>What the network reads: one word a clip, or text letter by letter (CTC).</summary>
    public required ModelTask Task { get; init; }
    /// <summary>The network's name, e.g. <c>word-tcn</c>.</summary>
    public required string Network { get; init; }
    /// <summary>BCP 47 tag of the text that comes out.</summary>
    public required string Language { get; init; }
    /// <summary>Classes in the order of the logits: words, or letters (CTC blank first).</summary>
    public required IReadOnlyList<string> Vocabulary { get; init; }
    /// <summary>Settings of the mouth clips it was trained on. Others are refused.</summary>
    public required CropSettings Crop { get; init; }
    /// <summary>How a mouth clip becomes the network's input.</summary>
    public required InputSpec Input { get; init; }
    /// <summary>Divides the logits before the softmax; calibrated on <c>val</c>. 1 where <see cref="Decoding"/> calibrates words and sentences instead.</summary>
    public double Temperature { get; init; } = 1;
    /// <summary>How a model of letters is decoded; null for one of words, and in folders of versions before it was kept, which are read greedily.</summary>
    public ModelDecoding? Decoding { get; init; }
    /// <summary>Words that look alike on the lips, grouped; shown beside a reading.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Homophenes { get; init; } = [];
    /// <summary>The corpus, its kind and data hash.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest the model was trained on.</summary>
    public required string DataHash { get; init; }
    /// <summary>True where it was trained on drawn speakers only.</summary>
    public bool Synthetic { get; init; }
    /// <summary>The run that made it.</summary>
    public required string RunId { get; init; }
    /// <summary>Version of LipSol that trained it.</summary>
    public required string CodeVersion { get; init; }
    /// <summary>All parameters of the run.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
    /// <summary>What the network's encoder started from; null: random weights.</summary>
    public ModelStart? StartedFrom { get; init; }
    /// <summary>Largest absolute difference of logits between torch and ONNX Runtime on real mouth clips, measured at export.</summary>
    public double OnnxMaxAbsDifference { get; init; }
    /// <summary>MD5 of <c>model.onnx</c>, written by <see cref="ModelManifestFile.Write"/>: a file that was exchanged or cut short is refused.</summary>
    public string? OnnxHash { get; init; }
}

/// <summary>The kinds of model.</summary>
public enum ModelTask
{
    /// <summary>One word a clip.</summary>
    Word,
    /// <summary>Text, letter by letter, decoded with CTC.</summary>
    Characters,
}
