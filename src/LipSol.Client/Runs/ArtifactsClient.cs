using System.Net.Http.Headers;
using System.Security.Cryptography;

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

    /// <summary>Sends a file into the node's artifact store. The same file again changes nothing there.</summary>
    /// <param name="content">The file. Where it can be read twice, it's hashed first, and stored only if it arrives as that.</param>
    /// <param name="progress">Told how much has been sent.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="LipSolRefusedException">It's empty, larger than the node takes in (<c>too-large</c>), or was changed on its way (<c>damaged</c>).</exception>
    public async Task<StoredArtifact> UploadAsync(Stream content, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        long? length = content.CanSeek ? content.Length - content.Position : null;
        var md5 = content.CanSeek ? await HashAsync(content, cancellationToken).ConfigureAwait(false) : null;
        var body = new StreamContent(new ObservedStream(content, length, progress));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.ContentLength = length;
        var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/artifacts" + QueryText.Of(("md5", md5))) { Content = body };
        // A node that won't take it says so before it's sent.
        request.Headers.ExpectContinue = true;
        return await connection.ReceiveAsync<StoredArtifact>(request, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> HashAsync(Stream content, CancellationToken cancellationToken)
    {
        var start = content.Position;
        var hash = await MD5.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
        content.Position = start;
        return Convert.ToHexStringLower(hash);
    }

    private static string Address(string hash, string? path) =>
        $"api/v1/artifacts/{Uri.EscapeDataString(hash)}" + (path is null ? "" : "/" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));
}
