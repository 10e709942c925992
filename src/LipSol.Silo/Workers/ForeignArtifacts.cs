using LipSol.Artifacts;
using LipSol.Contracts.Runs;
using LipSol.Inference;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>Takes over what one worker made that runs code of a person, from the folder that it may write to. Nothing that it says is believed: the very code it runs could say it.</summary>
/// <param name="folder">Where it leaves what it makes (<see cref="ForeignCode.MadeIn"/>).</param>
/// <param name="store">The node's store.</param>
/// <param name="models">What a model may be at most.</param>
internal sealed class ForeignArtifacts(string folder, FolderArtifactStore store, BundleLimits models)
{
    private const int LongestListing = 1 << 20, MostFiles = 256, MostNamed = 1000, MostMetrics = 5000, LongestName = 200, LargestEvaluation = 64 << 20;

    // A checkpoint holds the weights and what their training remembers of each.
    private readonly long mostBytes = 4 * models.Bytes;
    private readonly Dictionary<string, bool> taken = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal), metrics = new(StringComparer.Ordinal);

    /// <summary>Takes an artifact over: it's in the worker's folder and is what its hash says, or nothing is taken.</summary>
    /// <returns>Whether the store had it before this worker made it: then it's somebody else's as well.</returns>
    /// <exception cref="ProtocolException">It isn't there, isn't what its hash says, or is too large.</exception>
    public bool TakeOver(string hash)
    {
        if (!ArtifactHash.IsValid(hash)) throw new ProtocolException("the worker named an artifact by something that is no hash.");
        // It may tell of the same thing twice, and what was taken over may have left its folder.
        if (taken.TryGetValue(hash, out var wasThere) && store.Exists(hash)) return wasThere;
        // In the folder, not merely in the store: it can read the names of all that lies there, and none of that is its to name.
        wasThere = store.Exists(hash);
        try
        {
            if (ArtifactHash.IsFolder(hash)) TakeOverFolder(hash);
            else TakeOverFile(hash, mostBytes);
        }
        catch (Exception e) when (e is ArtifactDamagedException or FileNotFoundException or DirectoryNotFoundException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ProtocolException($"the worker told of an artifact that isn't what it said: {e.Message}");
        }

        return taken[hash] = wasThere;
    }

    /// <summary>Takes an artifact over that the run keeps under a name.</summary>
    /// <exception cref="ProtocolException">As of <see cref="TakeOver"/>; or there are too many.</exception>
    public bool TakeOverNamed(string name, string hash)
    {
        if (names.Add(name) && names.Count > MostNamed) throw new ProtocolException("the worker told of more artifacts than a run has.");
        return TakeOver(hash);
    }

    /// <summary>Looks at a batch of metrics.</summary>
    /// <exception cref="ProtocolException">There are too many different ones.</exception>
    public void Look(IEnumerable<string> metricNames)
    {
        foreach (var name in metricNames)
            if (metrics.Add(name) && metrics.Count > MostMetrics) throw new ProtocolException($"the worker told of more than {MostMetrics} different metrics.");
    }

    /// <summary>A text of the worker's that others are shown, at most so long.</summary>
    public static string Short(string text, int most) => text.Length <= most ? text : text[..most] + "…";

    /// <summary>Takes a checkpoint over, and frees its room in the worker's folder: there may be many, of which the run keeps few.</summary>
    /// <returns>As of <see cref="TakeOver"/>.</returns>
    /// <exception cref="ProtocolException">As of <see cref="TakeOver"/>.</exception>
    public bool TakeOverCheckpoint(string hash)
    {
        if (ArtifactHash.IsFolder(hash)) throw new ProtocolException("the worker told of a checkpoint that is a folder.");
        var wasThere = TakeOver(hash);
        try
        {
            File.Delete(PathOf(hash));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It may do with its folder what it likes; that goes with it.
        }

        return wasThere;
    }

    /// <summary>Takes over what a completed run leaves. Its model is one that this process may load: of ONNX's own operators, without other files, loops and branches, of a size that fits, and of this run.</summary>
    /// <exception cref="ProtocolException">As of <see cref="TakeOver"/>; or it contradicts the run.</exception>
    /// <exception cref="UnusableBundleException">The model isn't such a one.</exception>
    public void TakeOverResult(TrainingResult result, RunSpec spec, string runId)
    {
        if (result.Artifacts.Count > MostNamed || result.Figures.Count > MostNamed || result.Artifacts.Keys.Concat(result.Figures.Keys).FirstOrDefault(name => name.Length is 0 or > LongestName || name.Any(char.IsControl)) is not null)
            throw new ProtocolException("the worker told of more artifacts and figures, or of longer names, than a run has.");
        if (result.Artifacts.Keys.FirstOrDefault(name => name is NotebookArtifacts.Origin or NotebookArtifacts.Executed) is { } owned) throw new ProtocolException($"the worker told of {owned}, which whoever started the run tells.");
        // The source isn't of its making: the run had it before.
        foreach (var hash in result.Artifacts.Values.Append(result.ModelArtifact).Append(result.EvaluationArtifact).Where(hash => hash != spec.NetworkSource)) TakeOver(hash);
        // What this process reads whole is small.
        foreach (var hash in result.Artifacts.Where(a => a.Key.StartsWith("evaluation", StringComparison.Ordinal)).Select(a => a.Value).Append(result.EvaluationArtifact).OfType<string>())
            if (ArtifactHash.IsFolder(hash) || new FileInfo(store.PathOf(hash)).Length > LargestEvaluation) throw new ProtocolException($"the worker told of an evaluation that is no file of at most {LargestEvaluation} bytes.");
        if (!ArtifactHash.IsFolder(result.ModelArtifact)) throw new ProtocolException("the worker told of a model that is no folder.");
        var files = store.ReadFolder(result.ModelArtifact).Entries;
        ModelManifest manifest;
        try
        {
            if (new FileInfo(store.PathOf(File(ModelManifestFile.Name))).Length > models.ManifestBytes) throw new ProtocolException($"the worker told of a model whose {ModelManifestFile.Name} has more than {models.ManifestBytes} bytes.");
            using var json = new MemoryStream(store.ReadBytes(File(ModelManifestFile.Name)));
            manifest = ModelManifestFile.Read(json);
        }
        catch (UnusableModelException e)
        {
            throw new ProtocolException($"the worker told of a model that can't be used: {e.Message}", e);
        }

        if ((manifest.RunId, manifest.DataHash, manifest.Network, manifest.Corpus) != (runId, spec.DataHash, spec.Network, spec.Corpus))
            throw new ProtocolException($"the worker told of a model that says it's of run {manifest.RunId}, network {manifest.Network} and corpus {manifest.Corpus}: it's of another one, or lies.");
        PlainModel.Require(manifest, store.ReadBytes(File(ModelManifestFile.OnnxName)), models);

        string File(string name) => files.FirstOrDefault(f => f.RelativePath == name)?.Md5 ?? throw new ProtocolException($"the worker told of a model without {name}.");
    }

    private void TakeOverFolder(string hash)
    {
        using var source = Open(hash, LongestListing);
        using var bytes = new MemoryStream();
        Copy(source, bytes, LongestListing);
        var listing = FolderListing.Parse(bytes.ToArray());
        if (listing.Hash != hash) throw new InvalidDataException($"the listing of {hash} is that of {listing.Hash}");
        if (listing.Entries.Count > MostFiles) throw new InvalidDataException($"a folder of {listing.Entries.Count} files; at most {MostFiles} are taken over");
        var left = models.Bytes;
        foreach (var file in listing.Entries.DistinctBy(f => f.Md5))
            if (!taken.ContainsKey(file.Md5) || !store.Exists(file.Md5)) left -= TakeOverFile(file.Md5, left);
        store.PutListing(listing);
    }

    private long TakeOverFile(string hash, long most)
    {
        using var source = Open(hash, most);
        var copy = Path.Combine(store.Root, "tmp", $"{Guid.NewGuid():N}.part");
        try
        {
            long length;
            using (var file = new FileStream(copy, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                // As it is while it's copied, not as it was when someone looked: that goes for its length too.
                length = Copy(source, file, most);
                file.Position = 0;
                if (ArtifactHash.Of(file) != hash) throw new ArtifactDamagedException(hash, PathOf(hash), "something else");
            }

            store.PutFile(copy);
            return length;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private FileStream Open(string hash, long most)
    {
        var file = File.OpenRead(PathOf(hash));
        if (file.Length <= most) return file;
        file.Dispose();
        throw TooLarge(most);
    }

    private static long Copy(FileStream source, Stream target, long most)
    {
        var buffer = new byte[1 << 20];
        var copied = 0L;
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            if ((copied += read) > most) throw TooLarge(most);
            target.Write(buffer, 0, read);
        }

        return copied;
    }

    private static InvalidDataException TooLarge(long most) => new($"it's larger than the {most} bytes that are taken over");

    // As a FolderArtifactStore lays them out. None is opened here: that would touch what the worker may have put in its place.
    private string PathOf(string hash) => Path.Combine(folder, "files", "md5", hash[..2], hash[2..]);
}
