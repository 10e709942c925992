using LipSol.Clips;
using LipSol.Models.Layers;

namespace LipSol.Models.Networks;

/// <summary>What a network reads from a clip.</summary>
public enum NetworkTask
{
    /// <summary>One word: <see cref="WordNetwork"/>.</summary>
    Word,
    /// <summary>Text, letter by letter: <see cref="SentenceNetwork"/>.</summary>
    Characters,
}

/// <summary>A network as a whole: what <see cref="NetworkRegistry"/> makes, training trains and ONNX holds.</summary>
public abstract class Network : Layer
{
    /// <summary>Name of the ONNX graph's input.</summary>
    public const string InputName = "clip_BCTHW";

    /// <summary>Creates the network.</summary>
    /// <param name="name">Its name in <see cref="NetworkRegistry"/>.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="classes">V.</param>
    private protected Network(string name, InputSpec input, int classes) : base(name) => (Input, Classes) = (input, classes);

    /// <summary>What it reads.</summary>
    public InputSpec Input { get; }

    /// <summary>V: the number of words, or of letters with CTC's blank.</summary>
    public int Classes { get; }

    /// <summary>Number of weights that are trained.</summary>
    public long WeightCount => parameters().Sum(p => p.numel());

    /// <summary>The network as an ONNX model; batch and length are dynamic.</summary>
    /// <param name="metadata">Written into the file: where the model came from.</param>
    public abstract byte[] ToOnnx(IEnumerable<KeyValuePair<string, string>>? metadata = null);

    /// <summary>Whether a weight (or layer) of this name belongs to the head, which knows the classes: <c>head</c> or <c>classifier</c>. Weights of another network never replace it.</summary>
    internal bool IsHead(string name) => name.Split('.')[0] is "head" or "classifier";

    /// <summary>Whether a weight (or layer) of this name belongs to what looks at the pictures: <c>visual</c>.</summary>
    internal bool IsVisual(string name) => name.Split('.')[0] is "visual";

    private protected IReadOnlyList<(string Name, long? Size)> InputShape => [("batch", null), ("channels", Input.Channels), ("length", null), ("height", Input.Size), ("width", Input.Size)];
}
