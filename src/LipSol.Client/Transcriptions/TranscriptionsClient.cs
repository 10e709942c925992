using System.Globalization;
using System.Net.Http.Headers;

namespace LipSol.Client;

/// <summary>Reading clips: at once, later, several together; and answers by their id.</summary>
/// <example>
/// <code>
/// var read = await client.Transcriptions.TranscribeAsync("clip.mp4");
/// var again = await client.Transcriptions.GetAsync(read.Id);
/// await foreach (var clip in client.Transcriptions.TranscribeAllAsync(["a.mp4", "b.mp4"]))
///     Console.WriteLine($"{clip.Path}: {clip.Job.Transcription?.Text ?? clip.Job.Problem?.Detail}");
/// string subtitles = await client.Transcriptions.SubtitleAsync("clip.mp4", "srt");
/// </code>
/// </example>
public sealed partial class TranscriptionsClient
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

    /// <summary>Reads the pictures of a recording, each a JPEG or a PNG, in the order given.</summary>
    /// <param name="pictures">The files.</param>
    /// <param name="framesPerSecond">How many of them make a second.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <inheritdoc cref="TranscribeAsync(string, TranscriptionOptions?, CancellationToken)" path="/exception"/>
    public Task<Transcription> TranscribeFramesAsync(IReadOnlyList<string> pictures, double framesPerSecond, TranscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        connection.ReceiveAsync<Transcription>(FramesRequest(pictures, framesPerSecond, options, "json"), cancellationToken);

    /// <summary>The same, with the answer as <c>text</c>, <c>srt</c> or <c>vtt</c>.</summary>
    /// <inheritdoc cref="TranscribeFramesAsync" path="/param"/>
    /// <inheritdoc cref="TranscribeAsync(string, TranscriptionOptions?, CancellationToken)" path="/exception"/>
    public Task<string> SubtitleFramesAsync(IReadOnlyList<string> pictures, double framesPerSecond, string format, TranscriptionOptions? options = null, CancellationToken cancellationToken = default) =>
        connection.GetTextAsync(FramesRequest(pictures, framesPerSecond, options, format), cancellationToken);

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
        var form = Form(options, format);
        AddClip(form, clip, fileName);
        return new HttpRequestMessage(HttpMethod.Post, address) { Content = form };
    }

    private static HttpRequestMessage FramesRequest(IReadOnlyList<string> pictures, double framesPerSecond, TranscriptionOptions? options, string format)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var form = Form(options, format);
        form.Add(new StringContent(framesPerSecond.ToString("R", CultureInfo.InvariantCulture)), "framesPerSecond");
        foreach (var picture in pictures) form.Add(new FileContent(picture), "frames", Path.GetFileName(picture));
        return new HttpRequestMessage(HttpMethod.Post, Address) { Content = form };
    }

    private static void AddClip(MultipartFormDataContent form, Stream clip, string fileName)
    {
        var content = new StreamContent(clip);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(content, PartOf(fileName), fileName);
    }

    private static string PartOf(string fileName) => fileName.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) ? "mouthClip" : "clip";

    private static MultipartFormDataContent Form(TranscriptionOptions? options, string? format)
    {
        var form = new MultipartFormDataContent();
        Add("format", format);
        Add("model", options?.Model);
        Add("version", options?.Version?.ToString(CultureInfo.InvariantCulture));
        Add("decoder", options?.Decoder);
        Add("start", options?.Start?.ToString("R", CultureInfo.InvariantCulture));
        Add("end", options?.End?.ToString("R", CultureInfo.InvariantCulture));
        Add("keep", options is { KeepClip: true } ? "clip" : null);
        Add("within", options?.Within?.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        return form;

        void Add(string name, string? value)
        {
            if (value is not null) form.Add(new StringContent(value), name);
        }
    }

    /// <summary>A file as part of a form: opened when its turn comes, so that a thousand pictures aren't a thousand open files.</summary>
    private sealed class FileContent(string path) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            using var file = Open(path);
            await file.CopyToAsync(stream).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            var file = new FileInfo(path);
            length = file.Exists ? file.Length : 0;
            return file.Exists;
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
    /// <summary>Keeps the mouth clip in the node's artifact store; the answer names it. Nothing of the video is kept otherwise.</summary>
    public bool KeepClip { get; init; }
    /// <summary>How long after the request came an answer is worth something, at most a day: what isn't read by then is given up, and answered 504 (<c>too-late</c>). Null: however late it is.</summary>
    public TimeSpan? Within { get; init; }
}
