using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Remotes;

/// <summary>A remote in an S3 store of whatever make.</summary>
/// <remarks>
/// The store checks the MD5 of everything that is sent, so nothing damaged on the way becomes visible. Files over 16 MiB go in parts; a push that was stopped goes on with the parts that are there.
/// Errors of the store (500, 503, slow down) and broken connections are tried again a bounded number of times, later each time, with jitter; a content that is cut while it comes goes on where it was cut.
/// </remarks>
internal sealed class S3Remote : IObjectRemote
{
    private const long PartSize = 16L << 20;
    private const int MostParts = 10_000, PartsAtOnce = 4, AskAtOnce = 32, ListFrom = 1000, RemoveAtOnce = 1000, MostResumes = 5;
    private readonly AmazonS3Client _client;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly SemaphoreSlim _parts = new(PartsAtOnce * 2);

    /// <param name="client">The client, made by <see cref="S3Client"/>.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="prefix">The folder in it, empty or ending with a slash.</param>
    public S3Remote(AmazonS3Client client, string bucket, string prefix) => (_client, _bucket, _prefix) = (client, bucket, prefix);

    public string Name => $"s3://{_bucket}/{_prefix}".TrimEnd('/');

    public async Task<IReadOnlyList<DvcObject>> MissingAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        // One request tells a thousand objects of a list, or one by its name.
        if (contents.Count >= ListFrom)
        {
            var there = new HashSet<DvcObject>();
            foreach (var legacy in contents.Select(c => c.Legacy).Distinct())
                await foreach (var found in ListAsync(legacy, cancellationToken)) there.Add(found.Content);
            return [.. contents.Where(c => !there.Contains(c))];
        }
        var missing = new System.Collections.Concurrent.ConcurrentBag<DvcObject>();
        await VersionContents.EachAsync(contents, AskAtOnce, async (content, cancelled) =>
        {
            if (!await ExistsAsync(content, cancelled)) missing.Add(content);
        }, cancellationToken);
        return [.. missing];
    }

    public async Task PutAsync(DvcObject content, string file, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var size = new FileInfo(file).Length;
        var found = FileHasher.Hash(file, content.Legacy, cancellationToken);
        if (!content.Hash.StartsWith(found, StringComparison.Ordinal)) throw new DvcException($"{content.Hash} in the cache is damaged (its content has the MD5 {found}) and wasn't sent. Delete {file}, and add or pull it again.");
        await Guarded(async () =>
        {
            if (size > PartSize) await PutPartsAsync(content, file, size, progress, cancellationToken);
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

    public void Dispose()
    {
        _client.Dispose();
        _parts.Dispose();
    }

    private string Key(DvcObject content) => _prefix + content.Key;

    private async Task<bool> ExistsAsync(DvcObject content, CancellationToken cancellationToken)
    {
        var exists = false;
        await Guarded(async () =>
        {
            try
            {
                await _client.GetObjectMetadataAsync(_bucket, Key(content), cancellationToken);
                exists = true;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
            {
                // An answer to a HEAD has no body that would tell a missing bucket from a missing content.
                await RequireBucketAsync(cancellationToken);
            }
        }, cancellationToken);
        return exists;
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

    private async Task PutWholeAsync(DvcObject content, string file, long size, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(file, cancellationToken); // at most 16 MiB
        await _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = Key(content),
            InputStream = new MemoryStream(bytes, writable: false),
            MD5Digest = Convert.ToBase64String(MD5.HashData(bytes)),
            ContentType = "application/octet-stream",
        }, cancellationToken);
        progress.Report(size);
    }

    private async Task PutPartsAsync(DvcObject content, string file, long size, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var partSize = Math.Max(PartSize, (size + MostParts - 1) / MostParts);
        var count = (int)((size + partSize - 1) / partSize);
        var (upload, there) = await ResumeAsync(content, cancellationToken);
        var parts = new PartETag[count];
        await VersionContents.EachAsync(Enumerable.Range(0, count), PartsAtOnce, async (index, cancelled) =>
        {
            // Over all files of a push: memory stays bounded.
            await _parts.WaitAsync(cancelled);
            try
            {
                var bytes = await ReadPartAsync(file, index * partSize, Math.Min(partSize, size - index * partSize), cancelled);
                var md5 = MD5.HashData(bytes);
                if (there.TryGetValue(index + 1, out var tag) && tag.Trim('"') == Convert.ToHexStringLower(md5))
                {
                    parts[index] = new PartETag(index + 1, tag);
                }
                else
                {
                    var response = await _client.UploadPartAsync(new UploadPartRequest
                    {
                        BucketName = _bucket,
                        Key = Key(content),
                        UploadId = upload,
                        PartNumber = index + 1,
                        PartSize = bytes.Length,
                        InputStream = new MemoryStream(bytes, writable: false),
                        MD5Digest = Convert.ToBase64String(md5),
                    }, cancelled);
                    parts[index] = new PartETag(index + 1, response.ETag);
                }
                progress.Report(bytes.Length);
            }
            finally
            {
                _parts.Release();
            }
        }, cancellationToken);
        try
        {
            await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket, Key = Key(content), UploadId = upload, PartETags = [.. parts] }, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // Another push of the same content completed it.
            if (!await ExistsAsync(content, cancellationToken)) throw;
        }
    }

    // An upload of this content that was begun and not ended: contents never change, so its parts count.
    private async Task<(string Id, IReadOnlyDictionary<int, string> Parts)> ResumeAsync(DvcObject content, CancellationToken cancellationToken)
    {
        var begun = await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = Key(content) }, cancellationToken);
        if (begun.MultipartUploads?.Where(u => u.Key == Key(content)).MaxBy(u => u.Initiated) is { } upload)
        {
            var parts = new Dictionary<int, string>();
            var request = new ListPartsRequest { BucketName = _bucket, Key = Key(content), UploadId = upload.UploadId };
            try
            {
                for (var more = true; more;)
                {
                    var page = await _client.ListPartsAsync(request, cancellationToken);
                    foreach (var part in page.Parts ?? []) parts[part.PartNumber ?? 0] = part.ETag;
                    more = page.IsTruncated ?? false;
                    request.PartNumberMarker = page.NextPartNumberMarker?.ToString(CultureInfo.InvariantCulture);
                }
                return (upload.UploadId, parts);
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
            {
                // It was completed meanwhile; sending it once more does no harm.
            }
        }
        var started = await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket, Key = Key(content), ContentType = "application/octet-stream" }, cancellationToken);
        return (started.UploadId, new Dictionary<int, string>());
    }

    private static async Task<byte[]> ReadPartAsync(string file, long from, long length, CancellationToken cancellationToken)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        var bytes = new byte[length];
        for (var at = 0; at < bytes.Length;)
        {
            var read = await RandomAccess.ReadAsync(handle, bytes.AsMemory(at), from + at, cancellationToken);
            if (read == 0) throw new DvcException($"{file} became shorter while it was sent. Do it again.");
            at += read;
        }
        return bytes;
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
