using System.Globalization;
using LipSol.Clips;
using LipSol.Language.Decoding;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LipSol.Silo.Transcriptions;

/// <summary>A clip that was sent, with what was said about it. Its file is gone once it's disposed.</summary>
internal sealed class ClipUpload : IDisposable
{
    private const int LongestField = 4096;
    private const int MostParts = 20;
    private readonly string folder;
    private readonly Dictionary<string, string> fields = [];

    private ClipUpload(string folder) => this.folder = folder;

    /// <summary>The file.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Whether it's a mouth clip rather than a video.</summary>
    public bool IsMouthClip { get; private set; }

    public string? Model => Field("model");

    public string? Format => Field("format");

    public string? Decoder => Field("decoder") is not { } name || DecoderNames.TryParse(name, out _) ? Field("decoder")
        : throw ApiException.BadRequest($"decoder is \"{name}\". There are {string.Join(", ", DecoderNames.All)}.");

    public int? Version => Field("version") is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw ApiException.BadRequest($"version is \"{text}\", not a whole number.");

    public double? Start => Seconds("start");

    public double? End => Seconds("end");

    /// <summary>Receives a multipart request part by part: nothing of it is held in memory, and what is larger than allowed is cut off while it arrives.</summary>
    /// <exception cref="ApiException">Not what is expected here; the message says what is.</exception>
    public static async Task<ClipUpload> ReceiveAsync(HttpRequest request, NodeOptions options, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "not-multipart", "Send the clip as multipart/form-data: a video as the part \"clip\", or a mouth clip (.npz) as \"mouthClip\".");
        if (request.ContentLength > options.Uploads.Bytes + (1 << 16)) throw TooLarge(options);
        // A folder of its own, and a name of ours: what the sender calls the file never becomes a path.
        var upload = new ClipUpload(System.IO.Path.Combine(options.UploadFolder, Guid.NewGuid().ToString("N")));
        try
        {
            Directory.CreateDirectory(upload.folder);
            var reader = new MultipartReader(boundary.ToString(), request.Body) { BodyLengthLimit = options.Uploads.Bytes + 1 };
            for (var parts = 1; await reader.ReadNextSectionAsync(cancellationToken) is { } section; parts++)
            {
                if (parts > MostParts) throw ApiException.BadRequest($"The request has more than {MostParts} parts. Send the clip and the fields that /docs names.");
                await upload.ReceivePartAsync(section, options, cancellationToken);
            }
        }
        catch (Exception e)
        {
            upload.Dispose();
            throw e switch
            {
                InvalidDataException when e.Message.Contains("limit", StringComparison.OrdinalIgnoreCase) => TooLarge(options),
                InvalidDataException or (IOException and not FileNotFoundException and not DirectoryNotFoundException) when e.HResult != 28 && e is not BadHttpRequestException && !LipSol.Artifacts.DurableFile.IsDiskFull((e as IOException) ?? new IOException())
                    => ApiException.BadRequest($"The upload broke off or isn't well-formed multipart/form-data: {e.Message}"),
                _ => e,
            };
        }
        if (upload.Path.Length > 0) return upload;
        upload.Dispose();
        throw ApiException.BadRequest("No clip was sent. Send a video as the part \"clip\", or a mouth clip (.npz) as \"mouthClip\".");
    }

    /// <summary>Removes what a node that was killed had left of uploads, and of bundles.</summary>
    public static void RemoveLeftovers(string uploadFolder)
    {
        if (Directory.Exists(uploadFolder)) Directory.Delete(uploadFolder, recursive: true);
        Directory.CreateDirectory(uploadFolder);
    }

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private async Task ReceivePartAsync(MultipartSection section, NodeOptions options, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) return;
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        if (name is not ("clip" or "mouthClip"))
        {
            using var text = new StreamReader(section.Body);
            var buffer = new char[LongestField + 1];
            var length = await text.ReadBlockAsync(buffer, cancellationToken);
            if (length > LongestField) throw ApiException.BadRequest($"The field \"{name}\" is longer than {LongestField} characters.");
            fields[name] = new string(buffer, 0, length).Trim();
            return;
        }
        if (Path.Length > 0) throw ApiException.BadRequest("Several clips were sent. Send one a request.");
        var sentName = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString().Trim('"');
        var extension = System.IO.Path.GetExtension(sentName).ToLowerInvariant();
        IsMouthClip = name == "mouthClip" || extension == MouthClipFile.Extension;
        if (extension.Length is < 2 or > 6 || !extension[1..].All(char.IsAsciiLetterOrDigit)) extension = ".video";
        Path = System.IO.Path.Combine(folder, "clip" + extension);
        using var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        var chunk = new byte[1 << 16];
        for (int read; (read = await section.Body.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (file.Length + read > options.Uploads.Bytes) throw TooLarge(options);
            await file.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }
        if (file.Length == 0) throw ApiException.Unprocessable("empty", "The clip is empty: 0 bytes arrived. Choose the file again.");
    }

    private string? Field(string name) => fields.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private double? Seconds(string name) => Field(name) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? seconds
        : throw ApiException.BadRequest($"{name} is \"{text}\", not a number of seconds.");

    private static ApiException TooLarge(NodeOptions options) => new(StatusCodes.Status413PayloadTooLarge, "too-large",
        $"The clip is larger than the {options.Uploads.Bytes >> 20} MB that this node accepts. Send a shorter or smaller one, or crop it with `lipsol crop` and send the mouth clip.");
}
