using LipSol.Artifacts;
using LipSol.Benchmarks.Inference;
using LipSol.Inference;
using LipSol.Language.Evaluation;
using LipSol.Vision;

namespace LipSol.Benchmarks.Serving;

/// <summary>A word network of random weights as a bundle, as a node takes it.</summary>
internal static class ServedBundle
{
    public const string Model = "benchmark";

    /// <param name="folder">Where its files are made.</param>
    public static MemoryStream Create(string folder)
    {
        var files = Path.Combine(folder, "model");
        var model = RandomWordModel.Write(files, seed: 1, MouthCropper.DefaultSettings);
        var evaluation = EvaluationFile.Create(model.DataHash, [new EvaluatedSample("none", "nobody", Seen: true, model.Vocabulary[0], model.Vocabulary[0], 1)]);
        var parts = Directory.EnumerateFiles(files).ToDictionary(f => BundleFile.ModelFolder + Path.GetFileName(f), f => (Func<Stream>)(() => File.OpenRead(f)));
        parts[BundleFile.EvaluationName] = () => new MemoryStream(EvaluationFile.ToBytes(evaluation));
        var artifact = new FolderArtifactStore(Path.Combine(folder, "artifacts")).PutFolder(files);
        var bundle = new MemoryStream();
        BundleFile.Write(BundleManifest.Of(model, Model, 1, DateTimeOffset.UnixEpoch, seed: null, difference: 0, artifact), parts, bundle);
        bundle.Position = 0;
        return bundle;
    }
}
