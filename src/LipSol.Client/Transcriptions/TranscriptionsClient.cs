using System.Globalization;
using System.Net.Http.Headers;

namespace LipSol.Client;

/// <summary>Reading clips.</summary>
/// <example>
/// <code>
/// var read = await client.Transcriptions.TranscribeAsync("clip.mp4");
/// string subtitles = await client.Transcriptions.SubtitleAsync("clip.mp4", "srt");
/// </code>
/// </example>
public sealed class TranscriptionsClient
{
    private const string Address = "api/v1/transcriptions";
    private readonly NodeConnection connection;

    internal TranscriptionsClient(NodeConnection connection) => this.connection = connection;

    /// <summary>Reads a video file, or a mouth clip (a file that ends in <c>.npz</c>).</summary>
    /// <exception cref="LipSolRefusedException">The clip can't be read; <see cref="LipSolException.Reason"/> tells the kind (<c>no-face</c>, <c>undecodable</c>, <c>too-large</c>, …).</exception>
    /// <exception cref="LipSolNotFoundException">No such model, or none is in production.</exception>
    public async Task<Transcription> TranscribeAsync(string path, TranscriptionOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var file = Open(path);
        return await TranscribeAsync(file, Path.GetFileName(path), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a video, or a mouth clip where <paramref name="fileName"/> ends in <c>.npz</c>.</summary>
    /// <inheritdoc cref="TranscribeAsync(string, TranscriptionOptions?, CancellationToken)" path="/exception"/>
    public Task<Transcription> TranscribeAsync(Stream clip, string fileName, TranscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        connection.ReceiveAsync<Transcription>(Request(Address, clip, fileName, options, "json"), cancellationToken);

    /// <summary>Reads a clip and returns the answer as <c>text</c>, <c>srt</c> or <c>vtt</c>.</summary>
    /// <inheritdoc cref="TranscribeAsync(string, TranscriptionOptions?, CancellationToken)" path="/exception"/>
    public async Task<string> SubtitleAsync(string path, string format, TranscriptionOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var file = Open(path);
        return await SubtitleAsync(file, Path.GetFileName(path), format, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a video, or a mouth clip where <paramref name="fileName"/> ends in <c>.npz</c>, and returns the answer as <c>text</c>, <c>srt</c> or <c>vtt</c>.</summary>
    /// <inheritdoc cref="TranscribeAsync(string, TranscriptionOptions?, CancellationToken)" path="/exception"/>
    public Task<string> SubtitleAsync(Stream clip, string fileName, string format, TranscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        connection.GetTextAsync(Request(Address, clip, fileName, options, format), cancellationToken);

    internal static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LipSolException($"{path} can't be read: {e.Message}", reason: "missing", inner: e);
        }
    }

    internal static HttpRequestMessage Request(string address, Stream clip, string fileName, TranscriptionOptions? options, string? format)
    {
        var form = new MultipartFormDataContent();
        var isMouthClip = fileName.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);
        var content = new StreamContent(clip);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(content, isMouthClip ? "mouthClip" : "clip", fileName);
        Add("format", format);
        Add("model", options?.Model);
        Add("version", options?.Version?.ToString(CultureInfo.InvariantCulture));
        Add("decoder", options?.Decoder);
        Add("start", options?.Start?.ToString("R", CultureInfo.InvariantCulture));
        Add("end", options?.End?.ToString("R", CultureInfo.InvariantCulture));
        return new HttpRequestMessage(HttpMethod.Post, address) { Content = form };

        void Add(string name, string? value)
        {
            if (value is not null) form.Add(new StringContent(value), name);
        }
    }
}

/// <summary>How to read a clip; what is null is left to the node.</summary>
public sealed record TranscriptionOptions
{
    /// <summary>The model; null where the node has one model in production.</summary>
    public string? Model { get; init; }
    /// <summary>The version; null for the one in production.</summary>
    public int? Version { get; init; }
    /// <summary>What reads a sentence: <c>greedy</c>, <c>beam</c>, <c>lexicon</c>, <c>grammar</c>; null for the model's default.</summary>
    public string? Decoder { get; init; }
    /// <summary>Start of the word in seconds, where known.</summary>
    public double? Start { get; init; }
    /// <summary>End of the word in seconds, where known.</summary>
    public double? End { get; init; }
}
