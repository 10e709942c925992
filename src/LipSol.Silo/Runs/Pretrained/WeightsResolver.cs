using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Inference;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using InitialWeights = LipSol.Contracts.Runs.InitialWeights;
using ModelVersion = LipSol.Contracts.Models.ModelVersion;
using Pretraining = LipSol.Contracts.Runs.Pretraining;
using RunStatus = LipSol.Contracts.Runs.RunStatus;
using WeightsKind = LipSol.Client.WeightsKind;

namespace LipSol.Silo.Runs.Pretrained;

/// <summary>Finds the weights that a run is to start from, and what is known of the data behind them.</summary>
internal sealed class WeightsResolver(IGrainFactory grains, FolderArtifactStore store, CorpusLibrary corpora)
{
    /// <summary>The weights as the run's spec records them: a file in the store, with the runs behind it.</summary>
    /// <param name="asked">What is asked for.</param>
    /// <param name="corpus">What the run is trained and tested on.</param>
    /// <param name="parameters">The run's parameters.</param>
    /// <exception cref="ApiException">There are no such weights, or clips that the run is tested on are among what they were trained on.</exception>
    /// <exception cref="RefusedException">The run that is named isn't completed.</exception>
    public async Task<InitialWeights> ResolveAsync(Client.InitialWeights asked, CorpusManifest corpus, IReadOnlyDictionary<string, string> parameters)
    {
        Names.RequireText(asked.Id, "initFrom.id");
        if (asked.Map is { } map) RequireFile(map, "name mapping");
        var found = asked.Kind switch
        {
            WeightsKind.Run => await OfRunAsync(asked.Id),
            WeightsKind.Version => await OfVersionAsync(asked.Id),
            _ => OfFile(asked),
        };
        var check = await Task.Run(() => PretrainingCheck.Of(found.Pretraining, corpus, parameters, Find));
        // What wasn't here when the earlier run started is looked for anew.
        return found with { Map = asked.Map, Unknown = [.. found.Unknown.Except(found.Pretraining.Select(PretrainingCheck.NotHere)), .. check.Unknown], SpeakersSeen = check.SpeakersSeen };
    }

    private async Task<InitialWeights> OfRunAsync(string runId)
    {
        var run = await grains.GetGrain<IRunGrain>(runId).GetAsync() ?? throw ApiException.NotFound($"There is no run {runId} to start from. `lipsol runs list` names them all.");
        if (run is not { Status: RunStatus.Completed, Outcome: { } outcome })
            throw new RefusedException($"Run {runId} is {run.Status}, and only a completed run has weights to start from. {(run.Status is RunStatus.Queued or RunStatus.Running ? "Wait until it is done." : $"`lipsol runs resume {runId}` lets it go on.")}");
        return Made(Contracts.Runs.WeightsKind.Run, runId, WeightsIn(outcome.ModelArtifact) ?? Checkpoint(run) ?? throw NoWeights($"Run {runId}", run.Spec.CodeVersion), run.Spec);
    }

    private async Task<InitialWeights> OfVersionAsync(string text)
    {
        var version = await FindVersionAsync(text);
        var name = $"{version.Model}@{version.Version}";
        var weights = WeightsIn(version.Outcome.ModelArtifact);
        if (version.Origin is { } origin) return Imported(name, weights ?? throw NoWeights($"Version {name}", origin.CodeVersion), ReadModel(version));
        var run = await grains.GetGrain<IRunGrain>(version.RunId).GetAsync() ?? throw ApiException.NotFound($"The run {version.RunId} of version {name} has no record on this node.");
        return Made(Contracts.Runs.WeightsKind.Version, name, weights ?? Checkpoint(run) ?? throw NoWeights($"Version {name}", run.Spec.CodeVersion), run.Spec, run.Id);
    }

    private InitialWeights OfFile(Client.InitialWeights asked)
    {
        if (asked.Weights is not { } weights) throw ApiException.BadRequest("initFrom.weights is missing: the hash that POST /api/v1/artifacts answered for the file.");
        RequireFile(weights, "weights' file");
        return new InitialWeights
        {
            Kind = Contracts.Runs.WeightsKind.File,
            Id = asked.Id,
            Weights = weights,
            Unknown = [$"What {asked.Id} was trained on isn't known: clips that the run is tested on may have been among it."],
        };
    }

    private async Task<ModelVersion> FindVersionAsync(string text)
    {
        ModelReference reference;
        try
        {
            reference = ModelReference.Parse(text);
        }
        catch (FormatException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
        var model = await ModelRequests.GetAsync(grains, reference.Model);
        if (reference.Version is { } number) return ModelRequests.Version(model, number);
        if (reference.Alias == ModelReference.Production) return ModelRequests.VersionOrProduction(model, null);
        return model.Aliases.TryGetValue(reference.Alias!, out var aliased) ? ModelRequests.Version(model, aliased)
            : throw ApiException.NotFound($"Model {model.Name} has no alias {reference.Alias}; it has {string.Join(", ", model.Aliases.Keys)}.");
    }

    private static InitialWeights Made(Contracts.Runs.WeightsKind kind, string id, string weights, RunSpec spec, string? runId = null) => new()
    {
        Kind = kind,
        Id = id,
        Weights = weights,
        Pretraining = [new Pretraining(runId ?? id, spec.Corpus, spec.DataHash, PretrainingCheck.Selection(spec.Parameters)), .. spec.InitFrom?.Pretraining ?? []],
        Unknown = spec.InitFrom?.Unknown ?? [],
    };

    private static InitialWeights Imported(string name, string weights, ModelManifest model) => new()
    {
        Kind = Contracts.Runs.WeightsKind.Version,
        Id = name,
        Weights = weights,
        Pretraining =
        [
            new Pretraining(model.RunId, model.Corpus, model.DataHash, PretrainingCheck.Selection(model.Parameters)),
            .. (model.StartedFrom?.Pretraining ?? []).Select(p => new Pretraining(p.RunId, p.Corpus, p.DataHash, new(p.Selection))),
        ],
        Unknown = [.. model.StartedFrom?.Unknown ?? []],
    };

    private string? WeightsIn(string modelArtifact) => store.ReadFolder(modelArtifact).Entries.FirstOrDefault(e => e.RelativePath == ModelManifestFile.WeightsName)?.Md5;

    // Runs of earlier versions kept no weights, but their last checkpoint holds them.
    private string? Checkpoint(RunRecord run) => run.Checkpoints is [.., var last] && ArtifactHash.IsValid(last.Artifact) && CanBeHad(last.Artifact) ? last.Artifact : null;

    private ModelManifest ReadModel(ModelVersion version)
    {
        var entry = store.ReadFolder(version.Outcome.ModelArtifact).Entries.First(e => e.RelativePath == ModelManifestFile.Name);
        using var file = store.OpenRead(entry.Md5);
        return ModelManifestFile.Read(file);
    }

    private CorpusManifest? Find(string dataHash)
    {
        try
        {
            return corpora.GetVersion(dataHash).Manifest;
        }
        catch (ArtifactNotFoundException)
        {
            return null;
        }
    }

    private void RequireFile(string hash, string what)
    {
        if (!ArtifactHash.IsValid(hash) || ArtifactHash.IsFolder(hash)) throw ApiException.BadRequest($"The {what} is \"{hash}\", which is not a file's hash: 32 lower-case hexadecimal digits.");
        if (!CanBeHad(hash)) throw ApiException.NotFound($"The {what} {hash} is neither on this node nor on its remote. Upload it first: POST /api/v1/artifacts.");
    }

    // Here, or on the node's remote: then it's here from now on.
    private bool CanBeHad(string hash)
    {
        try
        {
            store.OpenRead(hash).Dispose();
            return true;
        }
        catch (ArtifactNotFoundException)
        {
            return false;
        }
    }

    private static ApiException NoWeights(string what, string codeVersion) => ApiException.Unprocessable("no-weights",
        $"{what} has no weights to start from: it was trained by LipSol {codeVersion.Split('+')[0]}, which kept none, and its checkpoint isn't on this node. Train it again, or start from another run, version or file.");
}
