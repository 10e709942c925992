using LipSol.Clips;
using LipSol.Inference;
using LipSol.Models.Networks;
using LipSol.Models.Training;
using TorchSharp;

namespace LipSol.Benchmarks.Inference;

/// <summary>A word-tcn of the usual parameters with random weights: what it reads means nothing, how long it takes does.</summary>
internal static class RandomWordModel
{
    public const int Classes = 51, Frames = 29;

    /// <summary>Writes the model's folder.</summary>
    public static ModelManifest Write(string folder, int seed, CropSettings? crop = null)
    {
        Directory.CreateDirectory(folder);
        var parameters = TrainingParameters.Resolve("word-tcn", new Dictionary<string, string>());
        var spec = new InputSpec { Frames = Frames, Resize = parameters.Training.Resize, Size = parameters.Training.Size, Mean = 0.5, StandardDeviation = 0.25, MarksWord = true };
        torch.manual_seed(seed);
        using var network = NetworkRegistry.Create("word-tcn", parameters.All, spec, Classes);
        network.eval();
        File.WriteAllBytes(Path.Combine(folder, ModelManifestFile.OnnxName), network.ToOnnx());
        var manifest = new ModelManifest
        {
            Task = ModelTask.Word,
            Network = "word-tcn",
            Language = "en",
            Vocabulary = [.. Enumerable.Range(0, Classes).Select(c => $"word{c}")],
            Crop = crop ?? new CropSettings(),
            Input = spec,
            Corpus = "benchmark",
            DataHash = new string('0', 32),
            RunId = "benchmark",
            CodeVersion = "benchmark",
            Parameters = parameters.All,
        };
        ModelManifestFile.Write(manifest, folder);
        return manifest;
    }
}
