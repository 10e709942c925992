using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Language.Evaluation;
using LipSol.Language.Lips;
using LipSol.Models.Networks;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

/// <summary>What a model version carries: model.onnx, model.json, the weights that another run may start from, what its decoders work by, and a model card for people (README.md).</summary>
internal sealed class ModelFolder(TrainingJob job, CorpusManifest corpus, Models.Training.TrainingResult trained, EvaluationReport report)
{
    /// <summary>Writes the folder, loads it as the silo will, compares its logits with torch's on real mouth clips, and stores it with the difference.</summary>
    public (string Artifact, double Difference) Write(JobArtifacts artifacts)
    {
        var folder = Path.Combine(job.WorkFolder, "model");
        Directory.CreateDirectory(folder);
        File.Copy(trained.OnnxPath!, Path.Combine(folder, ModelManifestFile.OnnxName), overwrite: true);
        File.Copy(trained.WeightsPath!, Path.Combine(folder, ModelManifestFile.WeightsName), overwrite: true);
        var manifest = Manifest() with { Decoding = trained.Decoders is { } decoders ? DecodingFiles.Write(decoders, folder) : null };
        ModelManifestFile.Write(manifest, folder);
        // What the node wouldn't take in is told here, where it's known which network it is.
        PlainModel.Require(manifest, File.ReadAllBytes(Path.Combine(folder, ModelManifestFile.OnnxName)), new BundleLimits());
        var difference = Compare(folder);
        ModelManifestFile.Write(manifest with { OnnxMaxAbsDifference = difference }, folder);
        File.WriteAllText(Path.Combine(folder, "README.md"), ModelCard.Text(manifest with { OnnxMaxAbsDifference = difference }, corpus, trained, report));
        return (artifacts.PutFolder(folder), difference);
    }

    private double Compare(string folder)
    {
        using var model = LoadedModel.Load(folder, new SessionSettings { Device = "cpu", Threads = Math.Max(1, job.Threads) });
        var difference = 0.0;
        // Each clip alone, and all together: a padded batch has to give the same.
        var together = model.Logits([.. trained.Probes.Select(p => p.Input_CTHW)]);
        foreach (var (probe, logits) in trained.Probes.Zip(together).Concat(trained.Probes.Select(p => (p, model.Logits([p.Input_CTHW])[0]))))
            for (var v = 0; v < logits.Length; v++)
            {
                var d = Math.Abs((double)logits[v] - probe.Logits[v]);
                // A NaN compares as no difference: it is the largest.
                difference = double.IsNaN(d) ? double.PositiveInfinity : Math.Max(difference, d);
            }
        return difference;
    }

    private ModelManifest Manifest() => new()
    {
        Task = trained.Task == NetworkTask.Word ? ModelTask.Word : ModelTask.Characters,
        Network = job.Network,
        Language = corpus.Language,
        Vocabulary = trained.Vocabulary,
        Crop = corpus.Crops ?? throw new ArgumentException($"Corpus {corpus.Name} doesn't say how its mouth clips were cropped. Import it again."),
        Input = trained.Input,
        Temperature = trained.Temperature,
        Homophenes = trained.Task == NetworkTask.Word && corpus.Language.StartsWith("ur", StringComparison.OrdinalIgnoreCase) ? Homophenes.Groups(trained.Vocabulary) : [],
        Corpus = corpus.Name,
        DataHash = job.DataHash,
        Synthetic = corpus.Kind == CorpusKind.Synthetic,
        RunId = job.RunId,
        CodeVersion = job.CodeVersion,
        Parameters = trained.Parameters,
        StartedFrom = job.InitFrom is { } from ? StartingWeights.ToManifest(from) : null,
    };
}
