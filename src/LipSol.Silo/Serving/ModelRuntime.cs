using System.Collections.Concurrent;
using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Serving;
using LipSol.Corpus;
using LipSol.Grains.Ports;
using LipSol.Grains.Serving;
using LipSol.Inference;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Silo.Corpora;
using LipSol.Silo.Node;
using LipSol.Silo.Telemetry;
using ReadWord = LipSol.Contracts.Serving.ReadWord;

namespace LipSol.Silo.Serving;

/// <summary>The models loaded on this node: fetched from the artifact store, verified, held by hash.</summary>
internal sealed class ModelRuntime(FolderArtifactStore store, CorpusLibrary corpora, IModelUses uses, NodeOptions options, TimeProvider time, ILogger<ModelRuntime> log) : IModelRuntime, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<BatchingReader>>> models = new();
    private readonly FrameBuffers buffers = new();

    public Task LoadAsync(string modelArtifact, CancellationToken cancellationToken) => GetAsync(modelArtifact).WaitAsync(cancellationToken);

    public bool IsLoaded(string modelArtifact) => models.TryGetValue(modelArtifact, out var loading) && loading is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    public async Task<RuntimeReading> ReadAsync(string modelArtifact, ReadRequest request, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        return await WithReaderAsync(modelArtifact, reader => Task.Run(() => ReadAsync(reader, request, begun, cancellationToken), cancellationToken), cancellationToken);
    }

    public Task<Evaluation> EvaluateAsync(string modelArtifact, string dataHash, string? decoder, CancellationToken cancellationToken) =>
        UseAsync(modelArtifact, model => TestSplit.Read(model, Corpus(dataHash), dataHash, Kind(decoder), store, cancellationToken), cancellationToken);

    public async Task UnloadAsync(string modelArtifact)
    {
        if (!models.TryRemove(modelArtifact, out var loading)) return;
        BatchingReader reader;
        try
        {
            reader = await loading.Value;
        }
        catch (Exception)
        {
            // It had never come up; whoever loaded it was told.
            return;
        }
        await reader.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hash in models.Keys) await UnloadAsync(hash);
    }

    /// <summary>Does something with a loaded model, off the caller's thread. The model stays loaded meanwhile; where it's let go just as this begins, <paramref name="use"/> is begun anew.</summary>
    public async Task<T> UseAsync<T>(string modelArtifact, Func<LoadedModel, T> use, CancellationToken cancellationToken)
    {
        using var held = uses.Use(modelArtifact);
        return await WithReaderAsync(modelArtifact, reader => Task.Run(() => use(reader.Model), cancellationToken), cancellationToken);
    }

    // Between finding the reader and using it, an unload may come: the second try loads the model anew.
    private async Task<T> WithReaderAsync<T>(string modelArtifact, Func<BatchingReader, Task<T>> use, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reader = await GetAsync(modelArtifact).WaitAsync(cancellationToken);
            try
            {
                return await use(reader);
            }
            catch (ObjectDisposedException) when (attempt < 3)
            {
            }
        }
    }

    private static DecoderKind? Kind(string? decoder) => decoder is null ? null
        : DecoderNames.TryParse(decoder, out var kind) ? kind : throw new RefusedException($"There is no decoder '{decoder}'. There are {string.Join(", ", DecoderNames.All)}.");

    private CorpusManifest Corpus(string dataHash)
    {
        try
        {
            return corpora.GetVersion(dataHash).Manifest;
        }
        catch (ArtifactNotFoundException)
        {
            throw new RefusedException($"The version {dataHash} of a corpus isn't on this node, so nothing can be measured on it. Import that corpus here, or compare on one that is here.");
        }
    }

    private async Task<RuntimeReading> ReadAsync(BatchingReader reader, ReadRequest request, long begun, CancellationToken cancellationToken)
    {
        try
        {
            reader.RequireRoom(request.Bulk);
            using var underWay = Signals.BeginReading();
            using var file = new MemoryStream(request.MouthClip, writable: false);
            var clip = MouthClipFile.Read(file, frames: buffers.Take);
            var prepared = reader.Model.Prepare(clip, request.Start, request.End, Kind(request.Decoder));
            buffers.Return(clip.Frames_THW);
            var read = await reader.ReadAsync(prepared, new ReadTerms(request.Bulk, request.Within - time.GetElapsedTime(begun)), cancellationToken);
            Signals.Reading.Done(read.BatchSize, read.Milliseconds);
            var reading = read.Reading;
            var manifest = reader.Model.Manifest;
            return new RuntimeReading(reading.Text, reading.Confidence, [.. reading.Words.Select(w => new ReadWord(w.Text, w.Start, w.End, w.Confidence))],
                [.. reading.Alternatives.Select(a => new Alternative(a.Text, a.Confidence) { Score = a.Score })], [.. reading.LookAlike],
                manifest.RunId, manifest.DataHash, manifest.Synthetic, reader.Model.Device, reading.NetworkMilliseconds)
            {
                Notes = [.. reading.Notes],
                Decoder = reading.Decoder is { } kind ? DecoderNames.Of(kind) : null,
                WaitedMilliseconds = read.WaitedMilliseconds,
                DecodingMilliseconds = reading.DecodingMilliseconds,
                DecodingSettings = new Dictionary<string, double>(reader.Model.DecodingSettings(reading.Decoder)),
            };
        }
        catch (UnusableClipException e)
        {
            throw new UnreadableInputException(e.Message, Http.Problems.Kebab(e.Reason));
        }
        catch (UnavailableDecoderException e)
        {
            throw new UnreadableInputException(e.Message, "no-such-decoder");
        }
        catch (ReaderBusyException e)
        {
            throw new OverloadedException(e.Message, e.RetryAfter);
        }
        catch (ReadTooLateException e)
        {
            throw new TooLateException(e.Message);
        }
    }

    private async Task<BatchingReader> GetAsync(string modelArtifact)
    {
        var loading = models.GetOrAdd(modelArtifact, hash => new Lazy<Task<BatchingReader>>(() => Task.Run(() => Load(hash))));
        try
        {
            return await loading.Value;
        }
        catch
        {
            // A failure isn't kept: the artifact may arrive later.
            models.TryRemove(new KeyValuePair<string, Lazy<Task<BatchingReader>>>(modelArtifact, loading));
            throw;
        }
    }

    private BatchingReader Load(string hash)
    {
        var folder = Path.Combine(options.ModelCacheFolder, ArtifactHash.Check(hash));
        // Verifies every file by its hash, whatever lay there before.
        store.Materialise(hash, folder);
        RequirePlain(folder);
        var model = LoadedModel.Load(folder, options.Serving.Session(options.Device));
        log.LogInformation("Model {Hash} (run {Run}) is loaded on {Device}{Note}.", hash, model.Manifest.RunId, model.Device, model.DeviceNote is { } note ? $": {note}" : "");
        return new BatchingReader(model, options.Serving.Batching(model.Device), time);
    }

    // Whoever made it, and whenever: it's this process that computes it.
    private void RequirePlain(string folder)
    {
        try
        {
            PlainModel.Require(ModelManifestFile.Read(folder), File.ReadAllBytes(Path.Combine(folder, ModelManifestFile.OnnxName)), options.Bundles);
        }
        catch (UnusableBundleException e)
        {
            throw new UnusableModelException($"The model in {folder} isn't one that a node loads: {e.Message}", e);
        }
    }
}
