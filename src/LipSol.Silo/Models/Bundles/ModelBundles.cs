using System.Security.Cryptography;
using LipSol.Artifacts;
using LipSol.Contracts.Models;
using LipSol.Contracts.Runs;
using LipSol.Inference;
using LipSol.Language.Evaluation;
using LipSol.Silo.Node;
using Evaluation = LipSol.Language.Evaluation.Evaluation;

namespace LipSol.Silo.Models.Bundles;

/// <summary>Packs model versions into bundles, and takes bundles apart into the artifact store.</summary>
internal sealed class ModelBundles(FolderArtifactStore store, NodeOptions options)
{
    /// <summary>A version as one file. It's gone once the stream is disposed.</summary>
    /// <param name="version">The version.</param>
    /// <param name="run">The record of its run, where this cluster made it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public FileStream Pack(ModelVersion version, RunRecord? run, CancellationToken cancellationToken)
    {
        var folder = store.ReadFolder(version.Outcome.ModelArtifact);
        return Pack(Describe(version, run, ReadModel(folder)), Opened(Hashes(version, folder)), cancellationToken);
    }

    /// <summary>A version as a folder artifact: the parts that its bundle would have. All but <c>bundle.json</c> are artifacts already. Returns its hash.</summary>
    /// <param name="version">The version.</param>
    /// <param name="run">The record of its run, where this cluster made it.</param>
    public string Store(ModelVersion version, RunRecord? run)
    {
        var folder = store.ReadFolder(version.Outcome.ModelArtifact);
        var hashes = Hashes(version, folder);
        hashes[BundleFile.ManifestName] = store.PutBytes(BundleFile.Describe(Describe(version, run, ReadModel(folder)), Opened(hashes)));
        // What came from a remote to be read is here by now.
        return store.PutListing(FolderListing.Of(hashes.Select(h => new FolderEntry(h.Value, h.Key))));
    }

    /// <summary>Whether such a folder artifact is in the store, with all its files.</summary>
    public bool Has(string hash) => store.Exists(hash) && store.ReadFolder(hash).Entries.All(e => store.Exists(e.Md5));

    /// <summary>Takes in what <see cref="Store(ModelVersion, RunRecord?)"/> made, checked as the bundle that it's packed into.</summary>
    /// <exception cref="ArtifactNotFoundException">It isn't here, and not on the remote.</exception>
    /// <exception cref="UnusableBundleException">It's refused; nothing is registered.</exception>
    public async Task<(BundleManifest Bundle, ModelImport Import)> TakeInAsync(string hash, CancellationToken cancellationToken)
    {
        await using var file = await Task.Run(() =>
        {
            var hashes = store.ReadFolder(hash).Entries.ToDictionary(e => e.RelativePath, e => e.Md5);
            if (!hashes.Remove(BundleFile.ManifestName, out var manifest)) throw new UnusableBundleException(BundleProblem.NotABundle, $"The object {hash} holds no {BundleFile.ManifestName}: it is no model version.");
            using var json = store.OpenRead(manifest, verify: true);
            return Pack(BundleFile.ReadManifest(json), Opened(hashes), cancellationToken);
        }, cancellationToken);
        return await ReceiveAsync(file, cancellationToken);
    }

    private FileStream Pack(BundleManifest manifest, Dictionary<string, Func<Stream>> parts, CancellationToken cancellationToken)
    {
        var file = Temporary();
        try
        {
            BundleFile.Write(manifest, parts, file, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static Dictionary<string, string> Hashes(ModelVersion version, FolderListing folder) =>
        new(folder.Entries.Select(e => KeyValuePair.Create(BundleFile.ModelFolder + e.RelativePath, e.Md5))) { [BundleFile.EvaluationName] = version.Outcome.EvaluationArtifact };

    private Dictionary<string, Func<Stream>> Opened(Dictionary<string, string> hashes) => hashes.ToDictionary(h => h.Key, h => Part(h.Value));

    /// <summary>Receives a bundle, checks it in a folder of its own, loads it once, and only then stores its artifacts.</summary>
    /// <exception cref="UnusableBundleException">It's refused; nothing of it is kept.</exception>
    public async Task<(BundleManifest Bundle, ModelImport Import)> ReceiveAsync(Stream body, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.BundleFolder, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(folder);
            await using var file = Temporary();
            var hash = await ReceiveAsync(body, file, cancellationToken);
            var session = new SessionSettings { Device = options.Device };
            return await Task.Run(() =>
            {
                var model = BundledModel.Open(file, folder, options.Bundles, session, cancellationToken);
                return (model.Manifest, Store(model, hash, cancellationToken));
            }, cancellationToken);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    // An imported version stays the one it was: its bundle is the same file, whichever node packs it.
    private static BundleManifest Describe(ModelVersion version, RunRecord? run, ModelManifest model) => BundleManifest.Of(model,
        version.Origin?.Model ?? version.Model, version.Origin?.Version ?? version.Version, version.Origin?.Registered ?? version.CreatedAt,
        version.Origin is { } origin ? origin.Seed : run?.Spec.Seed, version.Outcome.OnnxMaxAbsDifference, version.Outcome.ModelArtifact);

    private ModelImport Store(BundledModel model, string bundleHash, CancellationToken cancellationToken)
    {
        var bundle = model.Manifest;
        var expected = FolderListing.Of(model.Folder).Hash;
        if (expected != bundle.ModelArtifact)
            throw new UnusableBundleException(BundleProblem.Contradictory, $"The bundle says that its model folder is the artifact {bundle.ModelArtifact}, but it is {expected}. What it was made of can't be told, so it isn't taken in.");
        return new ModelImport
        {
            RunId = bundle.RunId,
            DataHash = bundle.DataHash,
            Outcome = new RunOutcome
            {
                ModelArtifact = store.PutFolder(model.Folder, cancellationToken),
                EvaluationArtifact = store.PutFile(model.EvaluationPath, cancellationToken),
                Figures = Figures(model.Evaluation),
                OnnxMaxAbsDifference = bundle.OnnxMaxAbsDifference,
            },
            Origin = new ModelOrigin
            {
                Model = bundle.Model,
                Version = bundle.Version,
                Registered = bundle.Registered,
                CodeVersion = bundle.CodeVersion,
                Seed = bundle.Seed,
                Bundle = bundleHash,
            },
        };
    }

    // Figures aren't carried: they follow from the readings, so that nobody has to be believed and a bundle doesn't change when figures are added.
    private static Dictionary<string, Estimate> Figures(Evaluation evaluation) =>
        EvaluationReport.From(evaluation).Figures.ToDictionary(f => f.Key, f => new Estimate(f.Value.Value, f.Value.Low, f.Value.High, f.Value.Count));

    private ModelManifest ReadModel(FolderListing folder)
    {
        var entry = folder.Entries.FirstOrDefault(e => e.RelativePath == ModelManifestFile.Name)
            ?? throw new RefusedException($"The model folder {folder.Hash} holds no {ModelManifestFile.Name}.");
        using var file = store.OpenRead(entry.Md5);
        return ModelManifestFile.Read(file);
    }

    private Func<Stream> Part(string hash) => () => store.OpenRead(hash, verify: true);

    private async Task<string> ReceiveAsync(Stream body, FileStream file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[1 << 17];
        for (int read; (read = await body.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (file.Length + read > options.Bundles.Bytes)
                throw new UnusableBundleException(BundleProblem.TooLarge, $"The bundle is larger than the {options.Bundles.Bytes >> 20} MB that this node takes in.");
            hash.AppendData(chunk, 0, read);
            await file.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }
        if (file.Length == 0) throw new UnusableBundleException(BundleProblem.NotABundle, "The bundle is empty: 0 bytes arrived. Choose the file again.");
        await file.FlushAsync(cancellationToken);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private FileStream Temporary()
    {
        Directory.CreateDirectory(options.BundleFolder);
        return new FileStream(Path.Combine(options.BundleFolder, Guid.NewGuid().ToString("N") + ".part"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 17, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
    }
}
