using System.Text;
using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Corpus;

namespace LipSol.Cli.Data;

/// <summary>The contents that runs (deleted ones too, until they are purged), model versions, corpora with all their versions, and networks of the node refer to.</summary>
internal sealed class RunReferences : IAsyncDisposable
{
    private const int LargestPage = 1000;
    private readonly NodeSession node;
    private readonly LipSolClient client;
    private readonly HashSet<string> hashes = new(StringComparer.Ordinal);
    private readonly HashSet<string> manifests = new(StringComparer.Ordinal);
    private readonly HashSet<string> own = new(StringComparer.Ordinal);
    private readonly HashSet<string> mouthClips = new(StringComparer.Ordinal);
    private readonly List<string> unread = [];

    private RunReferences(NodeSession node) => (this.node, client) = (node, node.Client);

    /// <summary>Where there's no data folder there has never been a run: null.</summary>
    public static async Task<RunReferences?> OpenAsync(Invocation call) =>
        !Directory.Exists(call.DataFolder) && Environment.GetEnvironmentVariable("LIPSOL_URL") is not { Length: > 0 } ? null : new RunReferences(await NodeSession.OpenAsync(call));

    public ValueTask DisposeAsync() => node.DisposeAsync();

    /// <summary>Their hashes, and of these the folders and manifests that the node can't read; asked anew each time.</summary>
    public async Task<NamedContents> ReadAsync(CancellationToken cancellationToken)
    {
        foreach (var known in (HashSet<string>[])[hashes, manifests, own, mouthClips]) known.Clear();
        unread.Clear();
        await AddRunsAsync(cancellationToken);
        await AddModelsAsync(cancellationToken);
        foreach (var corpus in await client.Corpora.ListAsync(cancellationToken)) own.UnionWith(corpus.Versions.Append(corpus.DataHash));
        // One that was sent and not trained yet is no run's.
        foreach (var network in await client.Networks.ListAsync(cancellationToken)) hashes.Add(network.Source);
        foreach (var manifest in manifests.Union(own).Where(m => m.Length > 0)) await AddManifestAsync(manifest, cancellationToken);
        foreach (var folder in hashes.Where(h => ArtifactHash.IsFolder(h) && !mouthClips.Contains(h)).ToArray())
        {
            if (await ReadAsync(client, folder, cancellationToken) is { } listing) AddAllIn(listing);
            else unread.Add(folder);
        }
        return new NamedContents([.. hashes], [.. unread]) { Own = [.. unread.Where(own.Contains)] };
    }

    private async Task AddRunsAsync(CancellationToken cancellationToken)
    {
        await foreach (var listed in client.Runs.SearchAsync(new SearchRuns { Deleted = DeletedRuns.Included, Take = LargestPage }, cancellationToken))
        {
            // A list names the current checkpoint only.
            var run = await WholeAsync(listed, cancellationToken);
            own.Add(run.DataHash);
            manifests.UnionWith(run.InitFrom?.Pretraining.Select(p => p.DataHash) ?? []);
            hashes.UnionWith(run.Artifacts.Values);
            // Its files are those that the manifest names.
            mouthClips.UnionWith(run.Inputs.Select(i => i.Hash).Where(ArtifactHash.IsFolder));
            hashes.UnionWith(run.Inputs.Select(i => i.Hash));
            hashes.UnionWith(run.Checkpoints.Select(c => c.Artifact));
            hashes.UnionWith(new[] { run.InitFrom?.Weights, run.InitFrom?.Map }.OfType<string>());
        }
    }

    private async Task<Run> WholeAsync(Run listed, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Runs.GetAsync(listed.Id, cancellationToken);
        }
        catch (LipSolNotFoundException)
        {
            // Purged meanwhile.
            return listed;
        }
    }

    private async Task AddModelsAsync(CancellationToken cancellationToken)
    {
        foreach (var version in (await client.Models.ListAsync(cancellationToken)).SelectMany(m => m.Versions))
        {
            manifests.Add(version.DataHash);
            hashes.UnionWith(new[] { version.Artifact, version.Evaluation }.OfType<string>());
            // What `data push --model` sent it as.
            hashes.UnionWith(version.Objects);
        }
    }

    // A manifest names its clips by their hashes; its mouth clips are a folder besides.
    private async Task AddManifestAsync(string manifest, CancellationToken cancellationToken)
    {
        hashes.Add(manifest);
        if (await ReadAsync(client, manifest, cancellationToken) is not { } content)
        {
            // A model that was imported from a bundle names one that was never here; others are on a remote that the node doesn't reach.
            unread.Add(manifest);
            return;
        }
        AddAllIn(content);
        try
        {
            // Its files are those that the manifest names: it needn't be here to be known.
            mouthClips.Add(CorpusObjects.MouthClips(ManifestFile.Read(content)).Hash);
        }
        catch (InvalidDataException)
        {
            // Of another format: what it names is kept all the same.
        }
        hashes.UnionWith(mouthClips);
    }

    private void AddAllIn(byte[] content) => hashes.UnionWith(ArtifactHash.NamedIn(Encoding.UTF8.GetString(content)));

    private static async Task<byte[]?> ReadAsync(LipSolClient client, string hash, CancellationToken cancellationToken)
    {
        try
        {
            return await client.Artifacts.GetAsync(hash, cancellationToken: cancellationToken);
        }
        catch (LipSolException e) when (e is LipSolNotFoundException or LipSolRefusedException)
        {
            return null;
        }
    }
}
