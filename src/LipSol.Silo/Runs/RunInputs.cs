using System.Collections.Concurrent;
using LipSol.Artifacts;
using LipSol.Artifacts.Remotes;
using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Grains.Ports;
using LipSol.Silo.Artifacts;

namespace LipSol.Silo.Runs;

/// <summary>What runs are made of, as objects of versioned data; and their way from the remote to the node that trains.</summary>
internal sealed class RunInputs
{
    private readonly ConcurrentDictionary<string, string> mouthClips = new();
    private readonly FolderArtifactStore? store;
    private readonly ArtifactRemote? remote;

    public RunInputs(FolderArtifactStore store, NodeRemote remote) => (this.store, this.remote) = (store, remote.Source);

    private RunInputs()
    {
    }

    /// <summary>For a host that fetches nothing.</summary>
    public static RunInputs Local { get; } = new();

    /// <summary>A run's inputs by name. Where the corpus version isn't here, its mouth clips can't be told: a look at a run waits for no remote.</summary>
    public IReadOnlyList<RunInput> Of(RunSpec spec)
    {
        var inputs = new List<RunInput> { new("corpus.json", spec.DataHash) };
        try
        {
            if (mouthClips.ContainsKey(spec.DataHash) || ArtifactHash.IsValid(spec.DataHash) && store!.Exists(spec.DataHash))
                inputs.Add(new RunInput("mouth-clips", mouthClips.GetOrAdd(spec.DataHash, _ => CorpusObjects.MouthClips(Corpus(spec.DataHash)).Hash)));
        }
        catch (Exception e) when (e is ArtifactNotFoundException or ArtifactDamagedException or InvalidDataException or ArgumentException)
        {
            // The run's record is as good without it.
        }
        if (spec.InitFrom is { } from)
        {
            inputs.Add(new RunInput("init-weights", from.Weights));
            if (from.Map is { } map) inputs.Add(new RunInput("init-map.json", map));
        }
        return inputs;
    }

    /// <summary>Brings what the store lacks of a run's inputs from the remote, verified. Does nothing where there's no remote: the worker says what it lacks.</summary>
    /// <exception cref="RefusedException">A person who is in it has withdrawn.</exception>
    /// <exception cref="LipSol.Artifacts.Dvc.DvcException">The remote hasn't got it, or can't be reached.</exception>
    public async Task FetchAsync(WorkerStart start, Action<string> say, IProgress<LipSol.Artifacts.Dvc.TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (store is null) return;
        string?[] wanted = [];
        try
        {
            var manifest = await Task.Run(() => Corpus(start.Spec.DataHash), cancellationToken);
            wanted = [.. manifest.Clips.Select(c => c.MouthClip), start.ResumeFrom?.Artifact, start.Spec.InitFrom?.Weights, start.Spec.InitFrom?.Map, start.Spec.NetworkSource];
        }
        catch (Exception e) when (remote is null && e is ArtifactNotFoundException or ArtifactDamagedException or InvalidDataException or ArgumentException)
        {
            // The worker says it better.
        }
        if (store.Withheld is { } withheld && wanted.OfType<string>().Any(withheld))
            throw new RefusedException($"A person who is in its data {start.Spec.DataHash} has withdrawn: there is no training on it any more. Start it anew: {start.Spec.Corpus} has a version without them.");
        if (remote is null) return;
        var fetched = await remote.PullAsync(store, [.. wanted.OfType<string>()], progress: progress, cancellationToken: cancellationToken);
        if (fetched.Transferred > 0) say($"{fetched.Transferred} inputs ({fetched.Bytes} bytes) came from {fetched.Remote}");
    }

    /// <summary>Brings the few clips from the remote on which a network is tried, where the store lacks them.</summary>
    /// <exception cref="LipSol.Artifacts.Dvc.DvcException">The remote hasn't got them, or can't be reached.</exception>
    /// <exception cref="ArtifactNotFoundException">Neither has it the corpus version.</exception>
    public async Task FetchFewAsync(string dataHash, CancellationToken cancellationToken)
    {
        if (store is null || remote is null) return;
        var few = await Task.Run(() => FewClips.Of(Corpus(dataHash)), cancellationToken);
        await remote.PullAsync(store, [.. few.Clips.Select(c => c.MouthClip).OfType<string>()], cancellationToken: cancellationToken);
    }

    private CorpusManifest Corpus(string dataHash) => ManifestFile.Read(store!.ReadBytes(ArtifactHash.Check(dataHash)));
}
