using System.Globalization;
using LipSol.Language.Decoding;
using LipSol.Silo.Http;
using LipSol.Silo.Node;

namespace LipSol.Silo.Transcriptions;

/// <summary>The clips of a request, with what was said about them. Their files are gone once it's disposed, but for those that were taken.</summary>
/// <param name="fields">The request's fields; what it doesn't name is sought in <paramref name="query"/>.</param>
/// <param name="query">What stands in the address.</param>
/// <param name="clips">The clips, in the order in which they were sent.</param>
internal sealed class ClipUpload(IReadOnlyDictionary<string, string> fields, IQueryCollection query, IReadOnlyList<ReceivedClip> clips) : IDisposable
{
    /// <summary>Seconds: a day.</summary>
    private const double LongestWait = 86400;
    private bool taken;

    /// <summary>The clips.</summary>
    public IReadOnlyList<ReceivedClip> Clips => clips;

    /// <summary>The clip, where one was sent.</summary>
    public ReceivedClip Clip => clips[0];

    public string? Model => Field("model");

    public string? Format => Field("format");

    public string? Decoder => Field("decoder") is not { } name || DecoderNames.TryParse(name, out _) ? Field("decoder")
        : throw ApiException.BadRequest($"decoder is \"{name}\". There are {string.Join(", ", DecoderNames.All)}.");

    public int? Version => Field("version") is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw ApiException.BadRequest($"version is \"{text}\", not a whole number.");

    public double? Start => Seconds("start");

    public double? End => Seconds("end");

    /// <summary>How long after the request came an answer is worth something.</summary>
    public TimeSpan? Within => Seconds("within") switch
    {
        null => null,
        > 0 and <= LongestWait and var seconds => TimeSpan.FromSeconds(seconds),
        var seconds => throw ApiException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"within is {seconds}. Give the seconds within which an answer is worth something: more than 0 and at most {LongestWait:0}.")),
    };

    /// <summary>Whether the mouth clip is to be kept in the artifact store.</summary>
    public bool KeepsClip => Field("keep") switch
    {
        null or "nothing" => false,
        "clip" => true,
        var other => throw ApiException.BadRequest($"keep is \"{other}\". Send clip to have the mouth clip kept, or nothing."),
    };

    /// <summary>Whether the answer is to be fetched later.</summary>
    public bool IsAsync => Field("async") switch
    {
        null => false,
        var text when bool.TryParse(text, out var yes) => yes,
        var other => throw ApiException.BadRequest($"async is \"{other}\". Send true or false."),
    };

    /// <summary>Receives one clip.</summary>
    /// <exception cref="ApiException">Not what is expected here; the message says what is.</exception>
    public static Task<ClipUpload> ReceiveAsync(HttpRequest request, NodeOptions options, CancellationToken cancellationToken) =>
        new ClipReceiver(request, options, mostClips: 1, options.Uploads.Bytes).ReceiveAsync(cancellationToken);

    /// <summary>Receives several clips.</summary>
    /// <inheritdoc cref="ReceiveAsync" path="/exception"/>
    public static Task<ClipUpload> ReceiveSeveralAsync(HttpRequest request, NodeOptions options, CancellationToken cancellationToken) =>
        new ClipReceiver(request, options, options.Uploads.BatchClips, options.Uploads.BatchBytes).ReceiveAsync(cancellationToken);

    /// <summary>Removes what a node that was killed had left of uploads, and of bundles.</summary>
    public static void RemoveLeftovers(string uploadFolder)
    {
        if (Directory.Exists(uploadFolder)) Directory.Delete(uploadFolder, recursive: true);
        Directory.CreateDirectory(uploadFolder);
    }

    /// <summary>Hands the clips over: whoever takes them disposes of them.</summary>
    public IReadOnlyList<ReceivedClip> Take()
    {
        taken = true;
        return clips;
    }

    public void Dispose()
    {
        if (taken) return;
        foreach (var clip in clips) clip.Dispose();
    }

    private string? Field(string name) => fields.TryGetValue(name, out var value) && value.Length > 0 ? value
        : query[name].FirstOrDefault() is { Length: > 0 } asked ? asked : null;

    private double? Seconds(string name) => Field(name) is not { } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) ? seconds
        : throw ApiException.BadRequest($"{name} is \"{text}\", not a number of seconds.");
}
