using LipSol.Clips;

namespace LipSol.Inference.Tests.Networks;

/// <summary>A model folder whose network names a clip by its brightness: dark کب, grey ایک, bright نہیں. Real ONNX, so small that what it says can be worked out by hand.</summary>
internal static class BrightnessModel
{
    public static readonly string[] Words = ["کب", "ایک", "نہیں"];

    public static readonly CropSettings Crop = new() { Size = 96, Extent = 1.2, LandmarkModels = "0123456789abcdef0123456789abcdef" };

    /// <summary>Logits of a clip whose normalised mean is <paramref name="mean"/>.</summary>
    public static double[] Logits(double mean) => [-4 * mean, 1, 4 * mean];

    public static ModelManifest Manifest(string runId = "run-1", string dataHash = "0123456789abcdef0123456789abcdef") => new()
    {
        Task = ModelTask.Word,
        Network = "brightness",
        Language = "ur",
        Vocabulary = Words,
        Crop = Crop,
        Input = new InputSpec { Frames = 9, Resize = 24, Size = 22, Mean = 0.5, StandardDeviation = 0.25, MarksWord = true, LongestClip = 50 },
        Temperature = 1.5,
        Homophenes = [["نہیں", "نو"]],
        Corpus = "drawn",
        DataHash = dataHash,
        Synthetic = true,
        RunId = runId,
        CodeVersion = "0.1.0",
        Parameters = new Dictionary<string, string> { ["epochs"] = "3" },
    };

    /// <summary>Writes the model folder and returns it.</summary>
    public static string Write(string folder, ModelManifest? manifest = null, int classes = 3, byte[]? network = null)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ModelManifestFile.OnnxName), network ?? Network(classes));
        ModelManifestFile.Write(manifest ?? Manifest(), folder);
        return folder;
    }

    /// <summary>A mouth clip of one grey level.</summary>
    public static MouthClip Clip(byte grey, int frames = 20, CropSettings? settings = null)
    {
        settings ??= Crop;
        return new MouthClip([.. Enumerable.Repeat(grey, frames * settings.Size * settings.Size)], settings.Size, settings.Size, settings.FramesPerSecond,
            [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 0.9f), frames)], settings);
    }

    /// <summary>The network: mean over T, H, W of both channels → [B, 2] → weights on the first channel.</summary>
    /// <param name="classes">Words.</param>
    /// <param name="answersFor">The only number of clips that it can read at once; 0: any.</param>
    /// <param name="bias">Of the second word.</param>
    public static byte[] Network(int classes, int answersFor = 0, float bias = 1) => OnnxWriter.Model(
        [
            OnnxWriter.Node("ReduceMean", ["clip_BCTHW"], "mean_BC", ("axes", [2, 3, 4]), ("keepdims", [0])),
            OnnxWriter.Node("MatMul", ["mean_BC", "weight_CV"], "product_BV"),
            OnnxWriter.Node("Add", ["product_BV", "bias_V"], answersFor == 0 ? "logits_BV" : "sum_BV"),
            .. answersFor == 0 ? Array.Empty<byte[]>() : [OnnxWriter.Node("Reshape", ["sum_BV", "shape"], "logits_BV")],
        ],
        [
            OnnxWriter.Tensor("weight_CV", [2, classes], [.. new float[] { -4, 0, 4, 0 }.Take(classes), .. new float[classes]]),
            OnnxWriter.Tensor("bias_V", [classes], [.. new float[] { 0, bias, 0, 0 }.Take(classes)]),
            .. answersFor == 0 ? Array.Empty<byte[]>() : [OnnxWriter.Whole("shape", [answersFor, classes])],
        ],
        OnnxWriter.Value("clip_BCTHW", -1, 2, -1, 22, 22), OnnxWriter.Value("logits_BV", -1, classes));
}
