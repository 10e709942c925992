using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>What has to be gone, with all that a store keeps of it.</summary>
internal sealed partial class S3Remote
{
    public async Task<int> PurgeAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        var purged = 0;
        var mayHide = 0;
        await VersionContents.EachAsync(contents, AskAtOnce, (content, cancelled) => Guarded(async () =>
        {
            // Where a bucket keeps versions, deleting alone would only hide it.
            List<KeyVersion> versions;
            try
            {
                versions = await VersionsAsync(Key(content), cancelled);
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
            {
                // Of a store that knows no versions there is one; where nobody may ask, there may be more.
                if (e.StatusCode == HttpStatusCode.Forbidden) Interlocked.Increment(ref mayHide);
                versions = await SizeAsync(content, cancelled) is null ? [] : [new KeyVersion { Key = Key(content) }];
            }
            foreach (var chunk in versions.Chunk(RemoveAtOnce))
            {
                var response = await _client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = _bucket, Quiet = true, Objects = [.. chunk] }, cancelled);
                if (response.DeleteErrors is { Count: > 0 } errors) throw new DvcException($"{Name} didn't remove {content.Hash}: {errors[0].Message}");
            }
            var uploads = 0;
            try
            {
                uploads = await AbortUploadsAsync(Key(content), cancelled);
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotImplemented or HttpStatusCode.MethodNotAllowed)
            {
                if (e.StatusCode == HttpStatusCode.Forbidden) Interlocked.Increment(ref mayHide);
            }
            if (versions.Count + uploads > 0) Interlocked.Increment(ref purged);
        }, cancelled), cancellationToken);
        if (mayHide > 0) throw new DvcException($"{Name}: what is visible is removed, but these keys may not list versions or unfinished uploads (s3:ListBucketVersions, s3:ListBucketMultipartUploads). If the bucket keeps any, they are still there: do it again with keys that may.");
        return purged;
    }

    private async Task<int> AbortUploadsAsync(string key, CancellationToken cancellationToken)
    {
        var begun = await _client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket, Prefix = key }, cancellationToken);
        var uploads = (begun.MultipartUploads ?? []).Where(u => u.Key == key).ToArray();
        foreach (var upload in uploads) await _client.AbortMultipartUploadAsync(_bucket, upload.Key, upload.UploadId, cancellationToken);
        return uploads.Length;
    }

    private async Task<List<KeyVersion>> VersionsAsync(string key, CancellationToken cancellationToken)
    {
        var found = new List<KeyVersion>();
        var request = new ListVersionsRequest { BucketName = _bucket, Prefix = key };
        for (var more = true; more;)
        {
            var page = await _client.ListVersionsAsync(request, cancellationToken);
            found.AddRange((page.Versions ?? []).Where(v => v.Key == key).Select(v => new KeyVersion { Key = key, VersionId = v.VersionId is { Length: > 0 } id ? id : null }));
            more = page.IsTruncated ?? false;
            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
        return found;
    }
}
