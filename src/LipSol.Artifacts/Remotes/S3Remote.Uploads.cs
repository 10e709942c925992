using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Files;
using Microsoft.Win32.SafeHandles;

namespace LipSol.Artifacts.Remotes;

/// <summary>How files go to the store: whole, or in parts.</summary>
internal sealed partial class S3Remote
{
    private const int ReadAtOnce = 256 << 10;

    private async Task PutWholeAsync(DvcObject content, string file, long size, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(file, cancellationToken); // at most 16 MiB
        var md5 = MD5.HashData(bytes);
        if (content.Legacy)
        {
            using var hasher = new FileHasher(legacy: true);
            hasher.Append(bytes);
            Require(content, hasher.Finish(), file);
        }
        else
        {
            Require(content, Convert.ToHexStringLower(md5), file);
        }
        await _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = Key(content),
            InputStream = new MemoryStream(bytes, writable: false),
            MD5Digest = Convert.ToBase64String(md5),
            ContentType = "application/octet-stream",
        }, cancellationToken);
        progress.Report(size);
    }

    // The file is read once: while parts are on their way the next ones are hashed, and the whole is put together only where it's what its name says.
    private async Task PutPartsAsync(DvcObject content, string file, long size, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var partSize = Math.Max(PartSize, (size + MostParts - 1) / MostParts);
        var parts = new PartETag[(int)((size + partSize - 1) / partSize)];
        var (upload, there) = await ResumeAsync(content, cancellationToken);
        using var whole = new FileHasher(content.Legacy);
        try
        {
            await Parallel.ForEachAsync(ReadPartsAsync(file, size, partSize, whole, cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken }, async (part, cancelled) =>
            {
                try
                {
                    if (there.TryGetValue(part.Index + 1, out var tag) && tag.Trim('"') == ArtifactHash.Of(part.Bytes))
                    {
                        parts[part.Index] = new PartETag(part.Index + 1, tag);
                    }
                    else
                    {
                        var response = await _client.UploadPartAsync(new UploadPartRequest
                        {
                            BucketName = _bucket,
                            Key = Key(content),
                            UploadId = upload,
                            PartNumber = part.Index + 1,
                            PartSize = part.Bytes.Count,
                            InputStream = new MemoryStream(part.Bytes.Array!, 0, part.Bytes.Count, writable: false),
                            // What is signed names its SHA-256, which the store checks: a second sum would only cost time.
                            UseChunkEncoding = false,
                            MD5Digest = _isAnonymous ? Convert.ToBase64String(MD5.HashData(part.Bytes)) : null,
                        }, cancelled);
                        parts[part.Index] = new PartETag(part.Index + 1, response.ETag);
                    }
                    progress.Report(part.Bytes.Count);
                }
                finally
                {
                    GiveBack(part.Bytes.Array!);
                }
            });
            var found = whole.Finish();
            if (!content.Hash.StartsWith(found, StringComparison.Ordinal))
            {
                await _client.AbortMultipartUploadAsync(_bucket, Key(content), upload, CancellationToken.None);
                Require(content, found, file);
            }
            await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket, Key = Key(content), UploadId = upload, PartETags = [.. parts] }, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            // Another push of the same content completed it, before or while the last parts were sent.
            if (await SizeAsync(content, cancellationToken) != size) throw;
        }
    }

    private static void Require(DvcObject content, string found, string file)
    {
        if (!content.Hash.StartsWith(found, StringComparison.Ordinal)) throw new DvcException($"{content.Hash} in the cache is damaged (its content has the MD5 {found}) and wasn't sent. Delete {file}, and add or pull it again.");
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

    // In order, for the hash of the whole; whoever has sent a part gives its room back.
    private async IAsyncEnumerable<(int Index, ArraySegment<byte> Bytes)> ReadPartsAsync(string file, long size, long partSize, FileHasher whole, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        for (var from = 0L; from < size; from += partSize)
        {
            // Over all files of a push: memory stays bounded.
            await _parts.WaitAsync(cancellationToken);
            if (!_room.TryTake(out var room) || room.Length < partSize) room = GC.AllocateUninitializedArray<byte>((int)partSize);
            var bytes = new ArraySegment<byte>(room, 0, (int)Math.Min(partSize, size - from));
            try
            {
                Read(handle, from, bytes, whole, file);
            }
            catch
            {
                GiveBack(room);
                throw;
            }
            yield return ((int)(from / partSize), bytes);
        }
    }

    // Of files over 80 GB parts are larger than most, and not worth keeping.
    private void GiveBack(byte[] room)
    {
        if (room.Length == PartSize) _room.Add(room);
        _parts.Release();
    }

    // In steps that are still in the processor's cache when they are hashed.
    private static void Read(SafeFileHandle handle, long from, Span<byte> bytes, FileHasher whole, string file)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var read = RandomAccess.Read(handle, bytes[at..Math.Min(at + ReadAtOnce, bytes.Length)], from + at);
            if (read == 0) throw new DvcException($"{file} became shorter while it was sent. Do it again.");
            whole.Append(bytes.Slice(at, read));
            at += read;
        }
    }
}
