namespace LipSol.Client;

/// <summary>Finds out what people mean by the weights to start from: a file, a version, a run, or a model.</summary>
internal sealed class WeightsFinder(NodeConnection connection, RunsClient runs)
{
    private static readonly string[] Extensions = [".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".tar", ".lipsol"];
    private readonly ArtifactsClient artifacts = new(connection);
    private readonly ModelsClient models = new(connection);

    public async Task<InitialWeights> FindAsync(string source, string? map, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(source);
        // What can't be uploaded is known before anything is.
        using var mapFile = map is null ? null : TranscriptionsClient.Open(map);
        var weights = IsFile(source) ? await UploadAsync(source, progress, cancellationToken).ConfigureAwait(false)
            : source.Contains('@', StringComparison.Ordinal) ? await VersionAsync(source, cancellationToken).ConfigureAwait(false)
            : await RunAsync(source, cancellationToken).ConfigureAwait(false) ?? await ModelAsync(source, cancellationToken).ConfigureAwait(false);
        return mapFile is null ? weights : weights with { Map = (await artifacts.UploadAsync(mapFile, null, cancellationToken).ConfigureAwait(false)).Hash };
    }

    private static bool IsFile(string source) => File.Exists(source) || source.Contains('/', StringComparison.Ordinal) || source.Contains('\\', StringComparison.Ordinal)
        || Extensions.Contains(Path.GetExtension(source).ToLowerInvariant());

    private async Task<InitialWeights> UploadAsync(string path, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        using var file = TranscriptionsClient.Open(path);
        return InitialWeights.OfFile(Path.GetFileName(path), (await artifacts.UploadAsync(file, progress, cancellationToken).ConfigureAwait(false)).Hash);
    }

    private async Task<InitialWeights> VersionAsync(string text, CancellationToken cancellationToken)
    {
        ModelReference reference;
        try
        {
            reference = ModelReference.Parse(text);
        }
        catch (FormatException e)
        {
            throw new LipSolException(e.Message, reason: "missing", inner: e);
        }
        return await models.SettleAsync(reference, cancellationToken).ConfigureAwait(false);
    }

    private async Task<InitialWeights?> RunAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return InitialWeights.OfRun((await runs.GetAsync(id, cancellationToken).ConfigureAwait(false)).Id);
        }
        catch (LipSolNotFoundException)
        {
            return null;
        }
    }

    private async Task<InitialWeights> ModelAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await models.GetAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (LipSolNotFoundException)
        {
            throw new LipSolNotFoundException($"\"{name}\" is no file here, and no run and no model on the node. Give a file, a run's id (`lipsol runs list`), or a version as MODEL@3 (`lipsol models list`).");
        }
        return await models.SettleAsync(ModelReference.Parse(name), cancellationToken).ConfigureAwait(false);
    }
}
