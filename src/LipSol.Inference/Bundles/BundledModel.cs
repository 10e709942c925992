using LipSol.Language.Evaluation;

namespace LipSol.Inference;

/// <summary>A bundle that was taken apart, checked and loaded once.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="Folder">Its model folder.</param>
/// <param name="Evaluation">Its readings of its test samples.</param>
/// <param name="EvaluationPath">The file they stand in.</param>
public sealed record BundledModel(BundleManifest Manifest, string Folder, Evaluation Evaluation, string EvaluationPath)
{
    /// <summary>Takes a bundle apart into <paramref name="folder"/>, checks that its parts say the same, and reads a clip of zeros with the network.</summary>
    /// <param name="file">The bundle; seekable.</param>
    /// <param name="folder">An empty folder; removing it is the caller's.</param>
    /// <param name="limits">What it may be at most.</param>
    /// <param name="session">How the network is computed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnusableBundleException">It's refused; the message says why.</exception>
    public static BundledModel Open(Stream file, string folder, BundleLimits limits, SessionSettings session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var bundle = BundleReader.Unpack(file, folder, limits, cancellationToken);
        var modelFolder = Path.Combine(folder, BundleFile.ModelFolder.TrimEnd('/'));
        try
        {
            var model = ModelManifestFile.Read(modelFolder);
            RequireAgreement(bundle, model);
            PlainModel.Require(model, File.ReadAllBytes(Path.Combine(modelFolder, ModelManifestFile.OnnxName)), limits);
            var evaluationPath = Path.Combine(folder, BundleFile.EvaluationName);
            var evaluation = ReadEvaluation(evaluationPath);
            RequireSame("data hash of the evaluation", bundle.DataHash, evaluation.DataHash);
            cancellationToken.ThrowIfCancellationRequested();
            using (LoadedModel.Load(modelFolder, session)) return new BundledModel(bundle, modelFolder, evaluation, evaluationPath);
        }
        catch (UnusableModelException e)
        {
            // Where the parts lie for the moment is nobody's business.
            throw new UnusableBundleException(BundleProblem.UnusableModel, $"The bundle's model can't be used: {e.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}", e);
        }
    }

    private static void RequireAgreement(BundleManifest bundle, ModelManifest model)
    {
        RequireSame("run", bundle.RunId, model.RunId);
        RequireSame("data hash", bundle.DataHash, model.DataHash);
        RequireSame("code version", bundle.CodeVersion, model.CodeVersion);
        RequireSame("corpus", bundle.Corpus, model.Corpus);
        RequireSame("network", bundle.Network, model.Network);
        RequireSame("kind of model", bundle.Task, model.Task);
        RequireSame("language", bundle.Language, model.Language);
        RequireSame("word about drawn speakers", bundle.Synthetic, model.Synthetic);
        RequireSame("landmark models", bundle.LandmarkModels, model.Crop.LandmarkModels);
        RequireSame("crop settings", bundle.CropSettings, model.Crop.Fingerprint());
    }

    private static void RequireSame<T>(string what, T ofBundle, T ofPart)
    {
        if (!Equals(ofBundle, ofPart))
            throw new UnusableBundleException(BundleProblem.Contradictory,
                $"The bundle contradicts itself: the {what} is \"{ofBundle}\" in {BundleFile.ManifestName} and \"{ofPart}\" in the part itself. What it was made of can't be told, so it isn't taken in.");
    }

    private static Evaluation ReadEvaluation(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return EvaluationFile.Read(file);
        }
        catch (InvalidDataException e)
        {
            throw new UnusableBundleException(BundleProblem.Damaged, $"The bundle's {BundleFile.EvaluationName} can't be used: {e.Message}", e);
        }
    }
}
