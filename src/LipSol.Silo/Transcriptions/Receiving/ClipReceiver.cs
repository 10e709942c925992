using System.Globalization;
using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Silo.Http;
using LipSol.Silo.Node;
using LipSol.Silo.Telemetry;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LipSol.Silo.Transcriptions;

/// <summary>Receives the clips of a request: as multipart/form-data, or one clip as the body itself. Nothing of them is held in memory, and what is larger than allowed is cut off while it arrives.</summary>
/// <param name="request">The request.</param>
/// <param name="options">The limits of each clip.</param>
/// <param name="mostClips">Clips that it may hold.</param>
/// <param name="mostBytes">Bytes of its clips together.</param>
internal sealed class ClipReceiver(HttpRequest request, NodeOptions options, int mostClips, long mostBytes)
{
    private const string What = "Send a video as the body (Content-Type: video/… or application/octet-stream) or a mouth clip (application/x-npz); "
        + "or multipart/form-data with a video as the part \"clip\", a mouth clip (.npz) as \"mouthClip\", or numbered pictures as \"frames\" with framesPerSecond.";
    private const int LongestField = 4096;
    private const int MostFields = 20;
    // ClipFrames' own bound: more pictures a second are a damaged time base, not a camera.
    private const double HighestRate = 240;
    private readonly Dictionary<string, string> fields = [];
    private readonly List<Found> found = [];
    private readonly byte[] chunk = new byte[1 << 16];
    private string? frames;
    private int pictures;
    private long pictureBytes;
    private long received;

    /// <exception cref="ApiException">Not what is expected here; the message says what is.</exception>
    public async Task<ClipUpload> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var stage = Signals.Begin("receive");
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Unknown();
        // A form has its boundaries and fields beside the clips.
        if (request.ContentLength > mostBytes + (1 << 16)) throw TooLarge(together: true);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Uploads.ReceiveWithin);
        try
        {
            if (type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) await ReceiveFormAsync(type, deadline.Token);
            else await ReceiveBodyAsync(type.MediaType.Value ?? "", deadline.Token);
            if (found.Count == 0) throw ApiException.BadRequest("No clip was sent. " + What);
            var rate = pictures > 0 ? PicturesPerSecond() : 25;
            return new ClipUpload(fields, request.Query, [.. found.Select(f => new ReceivedClip(f.Folder, f.Path, f.Kind) { PicturesPerSecond = f.Kind == ClipKind.Frames ? rate : 25, Refusal = f.Refusal })]);
        }
        catch (Exception e)
        {
            foreach (var clip in found) Directory.Delete(clip.Folder, recursive: true);
            throw e switch
            {
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new ApiException(StatusCodes.Status408RequestTimeout, "too-slow",
                    $"The clip didn't arrive within {options.Uploads.ReceiveWithin.TotalSeconds:0} s. Send a smaller one, or crop it with `lipsol crop` and send the mouth clip."),
                InvalidDataException => Broken(e),
                IOException io when io is not (BadHttpRequestException or FileNotFoundException or DirectoryNotFoundException) && !DurableFile.IsDiskFull(io) => Broken(e),
                _ => e,
            };
        }
    }

    private static ApiException Broken(Exception e) => ApiException.BadRequest($"The upload broke off or isn't well-formed: {e.Message}");

    private static ApiException Unknown() => new(StatusCodes.Status415UnsupportedMediaType, "not-a-clip", What);

    private async Task ReceiveFormAsync(MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        if (HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary) throw Unknown();
        // The clips' bytes are counted as they are written, and the server limits the whole body: what the reader refuses is a form that isn't well-formed.
        var reader = new MultipartReader(boundary.ToString(), request.Body);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)) continue;
            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            var sentName = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString().Trim('"');
            switch (name)
            {
                case "clip" or "mouthClip":
                    var extension = System.IO.Path.GetExtension(sentName).ToLowerInvariant();
                    await ReceiveClipAsync(section.Body, name == "mouthClip" || extension == MouthClipFile.Extension ? ClipKind.MouthClip : ClipKind.Video, extension, cancellationToken);
                    break;
                case "frames":
                    await ReceivePictureAsync(section.Body, cancellationToken);
                    break;
                default:
                    await ReceiveFieldAsync(name, section.Body, cancellationToken);
                    break;
            }
        }
    }

    private async Task ReceiveBodyAsync(string type, CancellationToken cancellationToken)
    {
        switch (type.ToLowerInvariant())
        {
            case "application/x-npz":
                await ReceiveClipAsync(request.Body, ClipKind.MouthClip, MouthClipFile.Extension, cancellationToken);
                break;
            case "application/octet-stream" or ['v', 'i', 'd', 'e', 'o', '/', ..]:
                // The decoder goes by the content, and the name is ours: none is needed.
                await ReceiveClipAsync(request.Body, ClipKind.Video, "", cancellationToken);
                break;
            default:
                throw Unknown();
        }
    }

    private async Task ReceiveFieldAsync(string name, Stream body, CancellationToken cancellationToken)
    {
        if (fields.Count == MostFields) throw ApiException.BadRequest($"The request has more than {MostFields} parts beside the clip. Send the clip and the fields that /docs names.");
        using var text = new StreamReader(body);
        var buffer = new char[LongestField + 1];
        var length = await text.ReadBlockAsync(buffer, cancellationToken);
        if (length > LongestField) throw ApiException.BadRequest($"The field \"{name}\" is longer than {LongestField} characters.");
        fields[name] = new string(buffer, 0, length).Trim();
    }

    private async Task ReceiveClipAsync(Stream body, ClipKind kind, string extension, CancellationToken cancellationToken)
    {
        var folder = NewFolder();
        if (extension.Length is < 2 or > 6 || !extension[1..].All(char.IsAsciiLetterOrDigit)) extension = ".video";
        var path = System.IO.Path.Combine(folder, "clip" + extension);
        var clip = new Found(folder, path, kind);
        found.Add(clip);
        try
        {
            await WriteAsync(body, path, options.Uploads.Bytes, cancellationToken);
        }
        catch (ApiException e) when (mostClips > 1 && received <= mostBytes)
        {
            // Of several, one that can't be read fails alone; what is left of it isn't kept.
            clip.Refusal = e;
            while (await body.ReadAsync(chunk, cancellationToken) is > 0 and var read)
                if ((received += read) > mostBytes) throw TooLarge(together: true);
        }
    }

    private async Task ReceivePictureAsync(Stream body, CancellationToken cancellationToken)
    {
        if (frames is null)
        {
            var folder = NewFolder();
            found.Add(new Found(folder, frames = System.IO.Path.Combine(folder, "frames"), ClipKind.Frames));
            Directory.CreateDirectory(frames);
        }
        if (++pictures > options.Uploads.Seconds * HighestRate)
            throw ApiException.Unprocessable("too-long", $"More than {options.Uploads.Seconds * HighestRate:0} pictures were sent: at most {options.Uploads.Seconds:0.##} s are taken. Cut the recording into shorter clips.");
        // In the order in which they come, whatever they were called.
        var arriving = System.IO.Path.Combine(frames, "arriving");
        pictureBytes += await WriteAsync(body, arriving, options.Uploads.Bytes - pictureBytes, cancellationToken);
        var header = PictureHeader.Read(arriving)
            ?? throw ApiException.Unprocessable("undecodable", $"Picture {pictures} is neither a JPEG nor a PNG. Send each frame as one of these.");
        if ((long)header.Width * header.Height > options.Uploads.Pixels)
            throw new ApiException(StatusCodes.Status413PayloadTooLarge, "too-large", string.Create(CultureInfo.InvariantCulture, $"Picture {pictures} has {header.Width}×{header.Height} pixels; at most {options.Uploads.Pixels / 1e6:0.#} million are taken. Scale it down: 640×480 is plenty where the face fills a third of the picture."));
        File.Move(arriving, System.IO.Path.Combine(frames, string.Create(CultureInfo.InvariantCulture, $"{pictures:000000}{header.Extension}")));
    }

    private double PicturesPerSecond()
    {
        var text = fields.TryGetValue("framesPerSecond", out var sent) ? sent : request.Query["framesPerSecond"].FirstOrDefault()
            ?? throw ApiException.BadRequest("Pictures were sent without framesPerSecond: how many of them make a second. Send it as a field beside them.");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is >= 1 and <= HighestRate
            ? rate : throw ApiException.BadRequest($"framesPerSecond is \"{text}\". Send a number from 1 to {HighestRate:0}.");
    }

    // A folder of its own, and names of ours: what the sender calls a file never becomes a path.
    private string NewFolder()
    {
        if (found.Count == mostClips) throw ApiException.BadRequest(mostClips == 1 ? "Several clips were sent. Send one a request, or all to /api/v1/transcriptions/batches." : $"More than {mostClips} clips were sent. Send the others in a second request.");
        var path = System.IO.Path.Combine(options.UploadFolder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        return path;
    }

    private async Task<long> WriteAsync(Stream body, string path, long most, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        for (int read; (read = await body.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            received += read;
            if (file.Length + read > most || received > mostBytes) throw TooLarge(together: received > mostBytes);
            await file.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }
        return file.Length > 0 ? file.Length : throw ApiException.Unprocessable("empty", "The clip is empty: 0 bytes arrived. Choose the file again.");
    }

    private ApiException TooLarge(bool together) => new(StatusCodes.Status413PayloadTooLarge, "too-large", mostClips == 1 || !together
        ? $"The clip is larger than the {options.Uploads.Bytes >> 20} MB that this node accepts. Send a shorter or smaller one, or crop it with `lipsol crop` and send the mouth clip."
        : $"The clips together are larger than the {mostBytes >> 20} MB that this node accepts at once. Send them in several requests, or crop them with `lipsol crop` and send the mouth clips.");

    private sealed record Found(string Folder, string Path, ClipKind Kind)
    {
        public ApiException? Refusal { get; set; }
    }
}
