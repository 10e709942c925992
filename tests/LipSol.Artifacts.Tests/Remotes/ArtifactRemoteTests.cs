using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Testing.S3;

namespace LipSol.Artifacts.Tests.Remotes;

/// <summary>Artifacts on their way to a remote and back.</summary>
public sealed class ArtifactRemoteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_one_store_pushed_another_one_pulls_bit_for_bit()
    {
        var (store, hashes) = Store();
        using var remote = Open();
        var pushed = await remote.PushAsync(store, hashes, cancellationToken: Cancelled);
        Assert.Equal((4, 0), (pushed.Transferred, pushed.Present));
        var again = await remote.PushAsync(store, hashes, cancellationToken: Cancelled);
        Assert.Equal((0, 4), (again.Transferred, again.Present));

        var other = Other();
        var pulled = await remote.PullAsync(other, hashes, cancellationToken: Cancelled);
        Assert.Equal((4, pushed.Bytes), (pulled.Transferred, pulled.Bytes));
        foreach (var hash in hashes)
        {
            other.Materialise(hash, Path.Combine(_folder.Path, "out", hash), Cancelled);
            Assert.Equal(hash, ArtifactHash.OfPath(Path.Combine(_folder.Path, "out", hash)));
        }
        Assert.Equal(0, (await remote.PullAsync(other, hashes, verify: true, cancellationToken: Cancelled)).Transferred);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(other.Root, "tmp")));

        // Whoever looks on is told how far it is, in bytes of so many.
        var told = new System.Collections.Concurrent.ConcurrentBag<TransferProgress>();
        await remote.PullAsync(Other("watched"), hashes, progress: new Told(told), cancellationToken: Cancelled);
        Assert.All(told, p => Assert.True(p.Bytes <= p.TotalBytes && p.TotalBytes > 300_000));
        Assert.Contains(told, p => p.Bytes == p.TotalBytes && p.Files == p.TotalFiles);
    }

    [Fact]
    public async Task A_store_gets_what_is_asked_of_it_from_its_source()
    {
        var (store, hashes) = Store();
        using var remote = Open();
        await remote.PushAsync(store, hashes, cancellationToken: Cancelled);
        var other = new FolderArtifactStore(Path.Combine(_folder.Path, "other")) { Source = remote };
        Assert.False(other.Exists(hashes[0]));
        var listing = other.ReadFolder(hashes[0]);
        Assert.Equal(2, listing.Entries.Count);
        other.Materialise(hashes[0], Path.Combine(_folder.Path, "out"), Cancelled);
        Assert.True(other.Exists(listing.Entries[1].Md5));
        var lacking = Assert.Throws<ArtifactNotFoundException>(() => other.ReadBytes(new string('a', 32)));
        Assert.Contains("didn't come from the remote", lacking.Message);
        Assert.Throws<ArtifactNotFoundException>(() => Other("third").ReadBytes(hashes[1]));
    }

    [Fact]
    public async Task What_is_damaged_on_the_remote_is_not_taken_and_what_is_damaged_here_is_fetched_again()
    {
        var (store, hashes) = Store();
        using var remote = Open();
        await remote.PushAsync(store, hashes, cancellationToken: Cancelled);
        var other = Other();
        await remote.PullAsync(other, hashes, cancellationToken: Cancelled);
        Damage(other.PathOf(hashes[1]));
        Assert.Equal(0, (await remote.PullAsync(other, hashes, cancellationToken: Cancelled)).Transferred); // nobody asked to look
        Assert.Equal(1, (await remote.PullAsync(other, hashes, verify: true, cancellationToken: Cancelled)).Transferred);
        Assert.Equal(store.ReadBytes(hashes[1]), other.ReadBytes(hashes[1]));
        // One bad byte, and a remote that hasn't got it: it may be all that there is.
        Damage(other.PathOf(hashes[1]));
        await remote.RemoveAsync([hashes[1]], Cancelled);
        await Assert.ThrowsAsync<DvcException>(() => remote.PullAsync(other, hashes, verify: true, cancellationToken: Cancelled));
        Assert.True(other.Exists(hashes[1]));
        await remote.PushAsync(store, hashes, cancellationToken: Cancelled);

        Damage(Path.Combine(_folder.Path, "remote", "files", "md5", hashes[1][..2], hashes[1][2..]));
        var third = Other("third");
        var error = await Assert.ThrowsAsync<DvcException>(() => remote.PullAsync(third, [hashes[1]], cancellationToken: Cancelled));
        Assert.Contains("is damaged", error.Message);
        Assert.False(third.Exists(hashes[1]));
        Assert.Contains("--verify", error.Message);
        Assert.Equal(1, (await remote.PushAsync(store, hashes, verify: true, cancellationToken: Cancelled)).Transferred);
        await remote.PullAsync(third, hashes, cancellationToken: Cancelled);
        Assert.Equal(store.ReadBytes(hashes[1]), third.ReadBytes(hashes[1]));
    }

    [Fact]
    public async Task A_folder_that_is_not_whole_is_not_sent_and_what_is_removed_is_gone()
    {
        var (store, hashes) = Store();
        using var remote = Open();
        await remote.PushAsync(store, hashes, cancellationToken: Cancelled);
        Assert.Equal(1, await remote.RemoveAsync([hashes[1], new string('b', 32)], Cancelled));
        await Assert.ThrowsAsync<DvcException>(() => remote.PullAsync(Other(), [hashes[1]], cancellationToken: Cancelled));
        store.Remove(store.ReadFolder(hashes[0]).Entries[0].Md5);
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() => remote.PushAsync(store, [hashes[0]], cancellationToken: Cancelled));
    }

    [Fact]
    public async Task What_was_withdrawn_is_gone_is_not_taken_back_and_what_a_push_needed_besides_is_still_kept()
    {
        var (store, hashes) = Store();
        var files = store.ReadFolder(hashes[0]).Entries;
        using var remote = Open();
        var record = new PushRecord("corpus", "c", hashes, DateTimeOffset.UnixEpoch);
        await remote.PushAsync(store, hashes, records: [record], cancellationToken: Cancelled);
        Assert.Equal(2, await remote.PurgeAsync([files[0].Md5, hashes[0], new string('d', 32)], Cancelled));
        Assert.Equal(0, await remote.PurgeAsync([files[0].Md5, hashes[0], new string('d', 32)], Cancelled));
        Assert.Equal(new[] { files[1].Md5, hashes[1] }.Order(StringComparer.Ordinal), Assert.Single(await remote.RecordsAsync(Cancelled)).Value.Roots);
        // From whichever clone that still has it.
        Assert.Contains("withdrew", (await Assert.ThrowsAsync<WithdrawnException>(() => remote.PushAsync(store, hashes, records: [record], cancellationToken: Cancelled))).Message);
        Assert.Equal(1, (await remote.PushAsync(store, [hashes[1], files[1].Md5], cancellationToken: Cancelled)).Present - 1);
        // A store that knows of it itself takes nothing of the kind, whatever the remote has.
        var knowing = new FolderArtifactStore(Path.Combine(_folder.Path, "knowing")) { Withheld = h => h == hashes[1], Source = remote };
        await Assert.ThrowsAsync<WithdrawnException>(() => remote.PullAsync(knowing, [hashes[1]], cancellationToken: Cancelled));
        Assert.Throws<ArtifactNotFoundException>(() => knowing.ReadBytes(hashes[1]));
        knowing.PutBytes("a manifest"u8);
        await Assert.ThrowsAsync<WithdrawnException>(() => remote.PushAsync(knowing, [hashes[1]], cancellationToken: Cancelled));
    }

    [Fact]
    public async Task Of_a_bucket_that_keeps_versions_all_of_them_go_and_what_was_half_sent()
    {
        if (!CephInstallation.IsThere) Assert.Skip(CephInstallation.HowToInstall);
        var ceph = await SharedCeph.GetAsync();
        var bucket = $"bucket-{Guid.NewGuid():n}";
        _folder.Write("settings/config", System.Text.Encoding.UTF8.GetBytes($"['remote \"cloud\"']\n    url = s3://{bucket}/x\n    endpointurl = {ceph.Endpoint}\n    access_key_id = {CephStore.AccessKey}\n    secret_access_key = {CephStore.SecretKey}\n"));
        using var client = S3Client.Create("test", new Dictionary<string, string> { ["endpointurl"] = ceph.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey });
        await client.PutBucketAsync(bucket, Cancelled);
        var (store, hashes) = Store();
        using var remote = ArtifactRemote.Open(Path.Combine(_folder.Path, "settings"), "cloud");
        await remote.PushAsync(store, hashes, cancellationToken: Cancelled); // before it kept versions
        await client.PutBucketVersioningAsync(new Amazon.S3.Model.PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new() { Status = Amazon.S3.VersionStatus.Enabled } }, Cancelled);
        var key = $"x/files/md5/{hashes[1][..2]}/{hashes[1][2..]}";
        await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = bucket, Key = key, ContentBody = "once more" }, Cancelled);
        await remote.RemoveAsync([hashes[1]], Cancelled); // as gc does: it hides what was there
        await client.InitiateMultipartUploadAsync(new Amazon.S3.Model.InitiateMultipartUploadRequest { BucketName = bucket, Key = key }, Cancelled);
        Assert.True((await VersionsAsync()).Length >= 2);

        Assert.Equal(1, await remote.PurgeAsync([hashes[1]], Cancelled));

        Assert.Empty(await VersionsAsync());
        Assert.Empty((await client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = bucket }, Cancelled)).MultipartUploads ?? []);
        await remote.PullAsync(Other(), [hashes[0]], cancellationToken: Cancelled);
        await remote.PurgeAsync([hashes[0], .. store.ReadFolder(hashes[0]).Entries.Select(e => e.Md5)], Cancelled);
        Assert.All((await client.ListVersionsAsync(new Amazon.S3.Model.ListVersionsRequest { BucketName = bucket }, Cancelled)).Versions ?? [], v => Assert.Contains("lipsol/withdrawn/", v.Key));
        await Assert.ThrowsAsync<WithdrawnException>(() => remote.PushAsync(store, hashes, cancellationToken: Cancelled));

        async Task<Amazon.S3.Model.S3ObjectVersion[]> VersionsAsync() => [.. (await client.ListVersionsAsync(new Amazon.S3.Model.ListVersionsRequest { BucketName = bucket, Prefix = key }, Cancelled)).Versions ?? []];
    }

    [Fact]
    public async Task Large_artifacts_go_on_where_they_stopped_and_arrive_whole_through_a_bad_connection_two_at_once()
    {
        if (!CephInstallation.IsThere) Assert.Skip(CephInstallation.HowToInstall);
        var ceph = await SharedCeph.GetAsync();
        await using var proxy = new FaultyProxy(ceph.Port, n => n % 3 == 1 ? Fault.CutAnswer : n % 3 == 2 ? Fault.CutRequest : Fault.None);
        var bucket = $"bucket-{Guid.NewGuid():n}";
        using var client = S3Client.Create("test", new Dictionary<string, string> { ["endpointurl"] = ceph.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey });
        await client.PutBucketAsync(bucket, Cancelled);
        foreach (var (name, endpoint) in new[] { ("direct", ceph.Endpoint), ("bad", proxy.Endpoint) })
            _folder.Write($"{name}/config", System.Text.Encoding.UTF8.GetBytes($"['remote \"cloud\"']\n    url = s3://{bucket}/x\n    endpointurl = {endpoint}\n    access_key_id = {CephStore.AccessKey}\n    secret_access_key = {CephStore.SecretKey}\n"));
        using var direct = ArtifactRemote.Open(Path.Combine(_folder.Path, "direct"), "cloud");
        using var bad = ArtifactRemote.Open(Path.Combine(_folder.Path, "bad"), "cloud");
        var store = new FolderArtifactStore(Path.Combine(_folder.Path, "store"));
        var bytes = new byte[60_000_000];
        new Random(5).NextBytes(bytes);
        var hash = store.PutBytes(bytes);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => direct.PushAsync(store, [hash], progress: new Stopping(stop, 16_000_000), cancellationToken: stop.Token));
        var upload = Assert.Single((await client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = bucket }, Cancelled)).MultipartUploads);
        Assert.NotEmpty((await client.ListPartsAsync(bucket, upload.Key, upload.UploadId, Cancelled)).Parts);

        await Task.WhenAll(direct.PushAsync(store, [hash], cancellationToken: Cancelled), bad.PushAsync(store, [hash], cancellationToken: Cancelled));
        Assert.Empty((await client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = bucket }, Cancelled)).MultipartUploads ?? []);
        var other = Other();
        await bad.PullAsync(other, [hash], cancellationToken: Cancelled);
        Assert.Equal(hash, ArtifactHash.OfPath(other.PathOf(hash)));
        // Whichever of the two pushed it: the first connection broke off.
        Assert.True(proxy.Connections >= 2);
    }

    private sealed class Stopping(CancellationTokenSource stop, long after) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value.Bytes > after) stop.Cancel();
        }
    }

    [Fact]
    public void Keys_in_an_address_are_refused_and_not_repeated()
    {
        var refused = Assert.Throws<DvcException>(() => ArtifactRemote.Open(Path.Combine(_folder.Path, "settings"), "s3://KEY:geheim@bucket/folder"));
        Assert.DoesNotContain("geheim", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_S3_store_gives_back_what_it_was_given()
    {
        if (!CephInstallation.IsThere) Assert.Skip(CephInstallation.HowToInstall);
        var ceph = await SharedCeph.GetAsync();
        var bucket = $"bucket-{Guid.NewGuid():n}";
        _folder.Write("settings/config", System.Text.Encoding.UTF8.GetBytes($"['remote \"cloud\"']\n    url = s3://{bucket}/models\n    endpointurl = {ceph.Endpoint}\n"));
        _folder.Write("settings/config.local", System.Text.Encoding.UTF8.GetBytes($"['remote \"cloud\"']\n    access_key_id = {CephStore.AccessKey}\n    secret_access_key = {CephStore.SecretKey}\n"));
        using (var client = S3Client.Create("test", new Dictionary<string, string> { ["endpointurl"] = ceph.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey })) await client.PutBucketAsync(bucket, Cancelled);
        var (store, hashes) = Store();
        using var remote = ArtifactRemote.Open(Path.Combine(_folder.Path, "settings"), "cloud");
        Assert.Equal(4, (await remote.PushAsync(store, hashes, cancellationToken: Cancelled)).Transferred);
        var other = Other();
        await remote.PullAsync(other, hashes, cancellationToken: Cancelled);
        Assert.Equal(store.ReadBytes(hashes[1]), other.ReadBytes(hashes[1]));
        // Cut short on the way in by whatever means, or damaged there: it's sent again.
        using (var client = S3Client.Create("test", new Dictionary<string, string> { ["endpointurl"] = ceph.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey }))
        {
            var key = $"models/files/md5/{hashes[1][..2]}/{hashes[1][2..]}";
            await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = bucket, Key = key, ContentBody = "a mani" }, Cancelled);
            Assert.Equal(1, (await remote.PushAsync(store, hashes, cancellationToken: Cancelled)).Transferred);
            await client.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest { BucketName = bucket, Key = key, ContentBody = "a MANIFEST" }, Cancelled);
            Assert.Equal(1, (await remote.PushAsync(store, hashes, verify: true, cancellationToken: Cancelled)).Transferred);
        }
        var record = new PushRecord("model", "m@1", hashes, DateTimeOffset.UnixEpoch);
        await remote.PushAsync(store, hashes, records: [record], cancellationToken: Cancelled);
        Assert.Equal(record.Roots, Assert.Single(await remote.RecordsAsync(Cancelled)).Value.Roots);
        await remote.ForgetAsync(record.Id, Cancelled);
        Assert.Empty(await remote.RecordsAsync(Cancelled));
        Assert.Equal(1, await remote.RemoveAsync([hashes[1]], Cancelled));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private (FolderArtifactStore Store, string[] Hashes) Store()
    {
        var store = new FolderArtifactStore(Path.Combine(_folder.Path, "store"));
        _folder.Write("model/weights", [.. Enumerable.Range(0, 300_000).Select(n => (byte)(n * 31))]);
        _folder.Write("model/حروف.txt", "آ ب"u8.ToArray());
        return (store, [store.PutFolder(Path.Combine(_folder.Path, "model"), Cancelled), store.PutBytes("a manifest"u8)]);
    }

    private FolderArtifactStore Other(string name = "other") => new(Path.Combine(_folder.Path, name));

    private ArtifactRemote Open() => ArtifactRemote.Open(Path.Combine(_folder.Path, "settings"), Path.Combine(_folder.Path, "remote"));

    private sealed class Told(System.Collections.Concurrent.ConcurrentBag<TransferProgress> all) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => all.Add(value);
    }

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[0] ^= 1;
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }
}
