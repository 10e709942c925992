namespace LipSol.Client;

/// <summary>Artifacts by hash. What a hash names never changes.</summary>
/// <example>
/// <code>
/// var run = await client.Runs.GetAsync(runId);
/// await using var onnx = File.Create("model.onnx");
/// await client.Artifacts.DownloadAsync(run.Artifacts["model"], onnx, "model.onnx");
/// </code>
/// </example>
public sealed class ArtifactsClient
{
    private readonly NodeConnection connection;

    internal ArtifactsClient(NodeConnection connection) => this.connection = connection;

    /// <summary>The bytes of a file artifact; of a folder artifact (<c>….dir</c>): its listing, as JSON.</summary>
    /// <param name="hash">The artifact's hash.</param>
    /// <param name="path">A file inside a folder artifact; null for the artifact itself.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolNotFoundException">No such artifact, or no such file in it.</exception>
    public Task<byte[]> GetAsync(string hash, string? path = null, CancellationToken cancellationToken = default) =>
        connection.GetBytesAsync(Address(hash, path), cancellationToken);

    /// <summary>Copies an artifact to a stream without holding it in memory.</summary>
    /// <param name="hash">The artifact's hash.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="path">A file inside a folder artifact; null for the artifact itself.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task DownloadAsync(string hash, Stream destination, string? path = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var response = await connection.SendAsync(new HttpRequestMessage(HttpMethod.Get, Address(hash, path)), cancellationToken).ConfigureAwait(false);
        await response.Content.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    private static string Address(string hash, string? path) =>
        $"api/v1/artifacts/{Uri.EscapeDataString(hash)}" + (path is null ? "" : "/" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));
}
