using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>A remote in an S3 store of whatever make.</summary>
/// <remarks>
/// The store checks everything that is sent (its MD5; of parts the SHA-256 that is signed), so nothing damaged on the way becomes visible. Files over 16 MiB go in parts; a push that was stopped goes on with the parts that are there.
/// Errors of the store (500, 503, slow down) and broken connections are tried again a bounded number of times, later each time, with jitter; a content that is cut while it comes goes on where it was cut.
/// </remarks>
internal sealed partial class S3Remote : IObjectRemote
{
    private const string NoteSuffix = ".json";
    private const long LargestWhole = 16L << 20, PartSize = 8L << 20;
    private const int MostParts = 10_000, PartsAtOnce = 4, AskAtOnce = 32, ListFrom = 1000, RemoveAtOnce = 1000, MostResumes = 5;
    private readonly AmazonS3Client _client;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly bool _isAnonymous;
    private readonly SemaphoreSlim _parts = new(PartsAtOnce * 2);
    private readonly System.Collections.Concurrent.ConcurrentBag<byte[]> _room = [];

    /// <param name="client">The client, made by <see cref="S3Client"/>.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="prefix">The folder in it, empty or ending with a slash.</param>
    /// <param name="isAnonymous">Whether requests aren't signed.</param>
    public S3Remote(AmazonS3Client client, string bucket, string prefix, bool isAnonymous) => (_client, _bucket, _prefix, _isAnonymous) = (client, bucket, prefix, isAnonymous);

    public string Name => $"s3://{_bucket}/{_prefix}".TrimEnd('/');

    public Task RequireAsync(CancellationToken cancellationToken) => Guarded(() => RequireBucketAsync(cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<DvcObject, long>> SizesAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        var sizes = new System.Collections.Concurrent.ConcurrentDictionary<DvcObject, long>();
        // One request tells a thousand objects of a list, or one by its name.
        if (contents.Count >= ListFrom)
        {
            var wanted = contents.ToHashSet();
            foreach (var legacy in contents.Select(c => c.Legacy).Distinct().ToArray())
            {
                await foreach (var found in ListAsync(legacy, cancellationToken))
                    if (wanted.Contains(found.Content)) sizes[found.Content] = found.Size;
            }
            return sizes;
        }
        await VersionContents.EachAsync(contents, AskAtOnce, async (content, cancelled) =>
        {
            if (await SizeAsync(content, cancelled) is { } size) sizes[content] = size;
        }, cancellationToken);
        return sizes;
    }

    public async Task PutAsync(DvcObject content, string file, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var size = new FileInfo(file).Length;
        await Guarded(async () =>
        {
            if (size > LargestWhole) await PutPartsAsync(content, file, size, progress, cancellationToken);
            else await PutWholeAsync(content, file, size, progress, cancellationToken);
        }, cancellationToken);
    }

    public Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task GetAsync(DvcObject content, Stream target, IProgress<long> progress, CancellationToken cancellationToken) => Guarded(async () =>
    {
        long at = 0;
        for (var resumes = 0; ; resumes++)
        {
            var request = new GetObjectRequest { BucketName = _bucket, Key = Key(content) };
            if (at > 0) request.ByteRange = new ByteRange($"bytes={at.ToString(CultureInfo.InvariantCulture)}-");
            using var response = await _client.GetObjectAsync(request, cancellationToken);
            var whole = at + response.ContentLength;
            try
            {
                var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(1 << 17);
                try
                {
                    for (int read; (read = await response.ResponseStream.ReadAsync(buffer, cancellationToken)) > 0;)
                    {
                        await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                        at += read;
                        progress.Report(read);
                    }
                }
                finally
                {
                    System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
                }
                if (at >= whole) return;
            }
            catch (Exception e) when (e is IOException or WebException or HttpRequestException && resumes < MostResumes && !cancellationToken.IsCancellationRequested)
            {
                // It was cut: go on from here.
            }
            if (resumes >= MostResumes) throw new DvcException($"{Name} broke off {content.Hash} {MostResumes + 1} times. Try again when the connection is better; what came whole isn't fetched again.");
            await Task.Delay(S3Client.Backoff(resumes), cancellationToken);
        }
    }, cancellationToken);

    public async IAsyncEnumerable<RemoteObject> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in ListAsync(legacy: true, cancellationToken)) yield return found;
        await foreach (var found in ListAsync(legacy: false, cancellationToken)) yield return found;
    }

    public async Task RemoveAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        foreach (var chunk in contents.Chunk(RemoveAtOnce))
        {
            await Guarded(async () =>
            {
                var response = await _client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = _bucket, Quiet = true, Objects = [.. chunk.Select(c => new KeyVersion { Key = Key(c) })] }, cancellationToken);
                if (response.DeleteErrors is { Count: > 0 } errors) throw new DvcException($"{Name} didn't remove {errors.Count} contents: {errors[0].Message}");
            }, cancellationToken);
        }
    }

    public async Task<IReadOnlyDictionary<string, byte[]>> NotesAsync(string folder, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = NotesIn(folder) };
        for (var more = true; more;)
        {
            ListObjectsV2Response page = null!;
            await Guarded(async () => page = await _client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            keys.AddRange((page.S3Objects ?? []).Select(o => o.Key).Where(k => k.EndsWith(NoteSuffix, StringComparison.Ordinal)));
            more = page.IsTruncated ?? false;
            request.ContinuationToken = page.NextContinuationToken;
        }
        var notes = new System.Collections.Concurrent.ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        await VersionContents.EachAsync(keys, AskAtOnce, (key, cancelled) => Guarded(async () =>
        {
            try
            {
                using var response = await _client.GetObjectAsync(_bucket, key, cancelled);
                using var content = new MemoryStream();
                await response.ResponseStream.CopyToAsync(content, cancelled);
                notes[key[NotesIn(folder).Length..^NoteSuffix.Length]] = content.ToArray();
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
            {
                // Someone took it away a moment ago.
            }
        }, cancelled), cancellationToken);
        return notes;
    }

    public Task PutNoteAsync(string folder, string name, byte[] content, CancellationToken cancellationToken) => Guarded(() => _client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = _bucket,
        Key = NotesIn(folder) + name + NoteSuffix,
        InputStream = new MemoryStream(content, writable: false),
        MD5Digest = Convert.ToBase64String(MD5.HashData(content)),
        ContentType = "application/json",
    }, cancellationToken), cancellationToken);

    public Task RemoveNoteAsync(string folder, string name, CancellationToken cancellationToken) =>
        Guarded(() => _client.DeleteObjectAsync(_bucket, NotesIn(folder) + name + NoteSuffix, cancellationToken), cancellationToken);

    public void Dispose()
    {
        _client.Dispose();
        _parts.Dispose();
    }

    private string NotesIn(string folder) => $"{_prefix}lipsol/{folder}/";

    private string Key(DvcObject content) => _prefix + content.Key;

    private async Task<long?> SizeAsync(DvcObject content, CancellationToken cancellationToken)
    {
        long? size = null;
        await Guarded(async () =>
        {
            try
            {
                size = (await _client.GetObjectMetadataAsync(_bucket, Key(content), cancellationToken)).ContentLength;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // An answer to a HEAD has no body that would tell a missing bucket from a missing content.
                await RequireBucketAsync(cancellationToken);
            }
        }, cancellationToken);
        return size;
    }

    private bool _bucketIsThere;

    private async Task RequireBucketAsync(CancellationToken cancellationToken)
    {
        if (_bucketIsThere) return;
        await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = _prefix, MaxKeys = 1 }, cancellationToken);
        _bucketIsThere = true;
    }

    private async IAsyncEnumerable<RemoteObject> ListAsync(bool legacy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Of DVC 2, objects lie in 256 folders at the top, beside others' files.
        var prefixes = legacy ? Enumerable.Range(0, 256).Select(n => $"{_prefix}{n:x2}/") : [_prefix + DvcObject.CurrentPrefix];
        foreach (var prefix in prefixes)
        {
            var request = new ListObjectsV2Request { BucketName = _bucket, Prefix = prefix };
            for (var more = true; more;)
            {
                ListObjectsV2Response page = null!;
                await Guarded(async () => page = await _client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
                foreach (var item in page.S3Objects ?? [])
                    if (DvcObject.FromKey(item.Key.AsSpan(_prefix.Length)) is { } content) yield return new RemoteObject(content, item.Size ?? 0, item.LastModified?.ToUniversalTime() ?? DateTime.MaxValue);
                more = page.IsTruncated ?? false;
                request.ContinuationToken = page.NextContinuationToken;
            }
        }
    }

    private async Task Guarded(Func<Task> body, CancellationToken cancellationToken)
    {
        try
        {
            await body();
        }
        catch (Exception e) when (e is not (DvcException or OperationCanceledException) && S3Client.Explain(e, _bucket, Name) is { } explained)
        {
            throw explained;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DvcException($"{Name} didn't answer in time. Try again; what was sent or fetched whole isn't again.", e);
        }
    }
}
