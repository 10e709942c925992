using LipSol.Artifacts;
using LipSol.Client;
using LipSol.Grains.Nodes;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Silo.Http;
using LipSol.Silo.Models;
using ModelVersion = LipSol.Contracts.Models.ModelVersion;

namespace LipSol.Silo.Streaming;

/// <summary>The model that reads a stream.</summary>
/// <param name="Version">The version that reads at the beginning.</param>
/// <param name="Manifest">What it reads, and how its crops are made.</param>
internal sealed record StreamModel(ModelVersion Version, ModelManifest Manifest)
{
    /// <exception cref="StreamEnding">There is none such; the message says why.</exception>
    public static async Task<StreamModel> FindAsync(StreamOptions asked, ServedModels models, IGrainFactory grains, FolderArtifactStore store)
    {
        try
        {
            var version = ModelRequests.VersionOrProduction(await ModelRequests.GetAsync(grains, await models.FindAsync(asked.Model, asked.Version)), asked.Version);
            var model = new StreamModel(version, await Task.Run(() => Read(store, version.Outcome.ModelArtifact)));
            model.RequireDecoder(asked.Decoder);
            return model;
        }
        catch (ApiException e)
        {
            throw new StreamEnding(e.Reason, e.Message);
        }
        catch (Exception e) when (e is ArtifactNotFoundException or UnusableModelException)
        {
            throw new StreamEnding("no-model", e.Message);
        }
        catch (Exception e) when (ClusterErrors.IsPassing(e))
        {
            throw new StreamEnding("unavailable", "The cluster didn't say in time which model reads: a node may be starting, stopping or lost. Begin the stream again in a moment.");
        }
    }

    /// <summary>Reads its crops.</summary>
    public ICaptions Captions(StabilityRule rule) => Manifest.Task == ModelTask.Characters
        ? new SentenceCaptions(Manifest.Input.Frames, Math.Max(Manifest.Input.ShortestClip, 8), rule)
        : new WordCaptions(Kept, Math.Max(Manifest.Input.ShortestClip, 3), Math.Min(Manifest.Input.LongestClip, 50));

    /// <summary>Crops that are kept.</summary>
    public int Kept => Manifest.Task == ModelTask.Characters ? Manifest.Input.Frames : 75;

    private void RequireDecoder(string? decoder)
    {
        if (decoder is null) return;
        if (!DecoderNames.TryParse(decoder, out _)) throw ApiException.BadRequest($"decoder is \"{decoder}\". There are {string.Join(", ", DecoderNames.All)}.");
        if (Manifest.Task == ModelTask.Word) throw ApiException.BadRequest($"{Version.Model} reads single words, which nothing has to be decoded for: leave the decoder out.");
    }

    private static ModelManifest Read(FolderArtifactStore store, string artifact)
    {
        var entry = store.ReadFolder(artifact).Entries.FirstOrDefault(e => e.RelativePath == ModelManifestFile.Name)
            ?? throw new UnusableModelException($"The model folder {artifact} holds no {ModelManifestFile.Name}.");
        using var file = store.OpenRead(entry.Md5);
        return ModelManifestFile.Read(file);
    }
}
