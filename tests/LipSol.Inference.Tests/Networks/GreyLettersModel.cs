using LipSol.Clips;
using LipSol.Language.Decoding;

namespace LipSol.Inference.Tests.Networks;

/// <summary>A model of letters whose network takes each frame's grey level for a letter: real ONNX and real decoders, and what it says of a clip can be worked out by hand.</summary>
internal static class GreyLettersModel
{
    /// <summary>Blank, space, then letters; class i is the grey level 30·i, and its neighbours have 0.0025 of its probability.</summary>
    public static readonly Alphabet Letters = new([" ", "ب", "ک", "ہ", "م"]);

    /// <summary>What its language model, lexicon and grammar come from.</summary>
    public static readonly string[] Sentences = ["ہم کب", "ہم ہم", "کب ہم"];

    private const int Step = 30;

    public static ModelManifest Manifest(string runId = "run-1", string dataHash = "0123456789abcdef0123456789abcdef") => BrightnessModel.Manifest(runId, dataHash) with
    {
        Task = ModelTask.Characters,
        Network = "grey-letters",
        Vocabulary = ["", .. Letters.Letters],
        Input = new InputSpec { Frames = 60, Resize = 24, Size = 22, Mean = 0, StandardDeviation = 1, LongestClip = 60 },
        Temperature = 1,
        Homophenes = [],
    };

    /// <summary>Writes the model folder with all four decoders and returns it.</summary>
    public static string Write(string folder, ModelManifest? manifest = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ModelManifestFile.OnnxName), Network());
        var set = new DecoderSet
        {
            Alphabet = Letters,
            Settings = [new() { Kind = DecoderKind.Greedy }, new() { Kind = DecoderKind.Beam, LanguageModelWeight = 0.5 }, new() { Kind = DecoderKind.Lexicon }, new() { Kind = DecoderKind.Grammar }],
            Default = DecoderKind.Beam,
            LanguageModel = CharacterNgramModel.Train(Sentences, Letters).File,
            Lexicon = Lexicon.From(Sentences),
            Grammar = Grammar.FromTranscripts(Sentences),
        };
        ModelManifestFile.Write((manifest ?? Manifest()) with { Decoding = DecodingFiles.Write(set, folder) }, folder);
        return folder;
    }

    /// <summary>A clip whose frames have these grey levels.</summary>
    public static MouthClip Clip(IReadOnlyList<double> classes)
    {
        var settings = BrightnessModel.Crop;
        byte[] pixels = [.. classes.SelectMany(c => Enumerable.Repeat((byte)Math.Round(Step * c), settings.Size * settings.Size))];
        return new MouthClip(pixels, settings.Size, settings.Size, settings.FramesPerSecond, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 0.9f), classes.Count)], settings);
    }

    /// <summary>A clip that says a text: two frames a letter with two blanks before and after each. <paramref name="unclear"/> letters lie between two, nearer to the next one.</summary>
    public static MouthClip Clip(string said, Func<int, bool>? unclear = null) =>
        Clip([0, 0, .. Letters.Encode(said).SelectMany((letter, i) => Enumerable.Repeat(letter + (unclear?.Invoke(i) == true ? 0.52 : 0), 2).Concat([0.0, 0.0]))]);

    // −6 (level − class)² but for the term that all classes have: a line for each class.
    private static byte[] Network() => OnnxWriter.Model(
        [
            OnnxWriter.Node("ReduceMean", ["clip_BCTHW"], "mean_BCT", ("axes", [3, 4]), ("keepdims", [0])),
            OnnxWriter.Node("Transpose", ["mean_BCT"], "mean_BTC", ("perm", [0, 2, 1])),
            OnnxWriter.Node("MatMul", ["mean_BTC", "weight_CV"], "product_BTV"),
            OnnxWriter.Node("Add", ["product_BTV", "bias_V"], "logits_BTV"),
        ],
        [
            OnnxWriter.Tensor("weight_CV", [1, Letters.Count], [.. Enumerable.Range(0, Letters.Count).Select(v => 12f * v * 255 / Step)]),
            OnnxWriter.Tensor("bias_V", [Letters.Count], [.. Enumerable.Range(0, Letters.Count).Select(v => -6f * v * v)]),
        ],
        OnnxWriter.Value("clip_BCTHW", -1, 1, -1, 22, 22), OnnxWriter.Value("logits_BTV", -1, -1, Letters.Count), OnnxWriter.WholeValue("length_B", -1));
}
