using Amazon.S3;
using Amazon.S3.Model;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Testing.S3;

namespace LipSol.Artifacts.Tests.Dvc;

/// <summary>Push, pull and gc with Ceph's S3 store as remote, and what goes wrong on the way to it.</summary>
public sealed class S3Tests : IAsyncLifetime
{
    private readonly DataRepository _repository = new();
    private readonly string _bucket = $"bucket-{Guid.NewGuid():n}";
    private CephStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        if (!CephInstallation.IsThere) Assert.Skip(CephInstallation.HowToInstall);
        _store = await SharedCeph.GetAsync();
        using var client = Client();
        await client.PutBucketAsync(_bucket, TestContext.Current.CancellationToken);
        _repository.Open();
        Configure(_store.Endpoint);
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_pushed_comes_back_bit_for_bit_in_one_piece_or_many()
    {
        _repository.Write("data/اردو/آواز 😀.bin", Bytes(3_000_000, 1));
        _repository.Write("data/many parts", Bytes(40_000_000, 2));
        _repository.Write("data/empty", "");
        var added = _repository.Add("data");
        var pushed = await PushAsync();
        Assert.Equal((4, 0), (pushed.Sent, pushed.Present));
        Assert.Equal(0, (await PushAsync()).Sent);
        using (var client = Client())
        {
            var keys = (await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket }, TestContext.Current.CancellationToken)).S3Objects.Select(o => o.Key);
            Assert.Contains($"some/folder/files/md5/{added.Hash[..2]}/{added.Hash[2..]}", keys);
        }
        _repository.Forget("data");
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
    }

    [Fact]
    public async Task A_push_that_was_stopped_goes_on_with_the_parts_that_are_there()
    {
        _repository.Write("big", Bytes(100_000_000, 3));
        var added = _repository.Add("big");
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DvcPush.RunAsync(_repository.Open(), progress: new Told(p =>
        {
            if (p.Bytes > 40_000_000) stop.Cancel();
        }), cancellationToken: stop.Token));
        using var client = Client();
        var key = $"some/folder/files/md5/{added.Hash[..2]}/{added.Hash[2..]}";
        var upload = Assert.Single((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, TestContext.Current.CancellationToken)).MultipartUploads);
        var before = (await client.ListPartsAsync(_bucket, key, upload.UploadId, TestContext.Current.CancellationToken)).Parts;
        Assert.InRange(before.Count, 4, 11); // of twelve
        await PushAsync();
        Assert.Null((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, TestContext.Current.CancellationToken)).MultipartUploads?.FirstOrDefault());
        _repository.Forget("big");
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(added.Hash, _repository.Add("big").Hash);
    }

    [Fact]
    public async Task A_large_file_that_is_damaged_here_becomes_visible_nowhere_and_leaves_no_parts()
    {
        var path = _repository.Write("big", Bytes(40_000_000, 12));
        var added = _repository.Add("big");
        File.Delete(path); // not the cache's block
        var cached = _repository.Cached(added.Hash);
        var bytes = File.ReadAllBytes(cached);
        bytes[^1] ^= 1;
        File.Delete(cached);
        File.WriteAllBytes(cached, bytes);
        Assert.Contains("damaged", (await Assert.ThrowsAsync<DvcException>(PushAsync)).Message, StringComparison.Ordinal);
        using var client = Client();
        Assert.Empty((await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket, Prefix = "some/folder/files/" }, TestContext.Current.CancellationToken)).S3Objects ?? []);
        Assert.Empty((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, TestContext.Current.CancellationToken)).MultipartUploads ?? []);
    }

    [Fact]
    public async Task Many_contents_are_listed_rather_than_asked_for_and_removed_in_bulk()
    {
        for (var n = 0; n < 1200; n++) _repository.Write($"data/{n}", $"{n}");
        _repository.Add("data");
        Assert.Equal(1201, (await PushAsync()).Sent);
        Assert.Equal(1201, (await PushAsync()).Present);
        _repository.Write("data/more", "more");
        _repository.Add("data");
        Assert.Equal(2, (await PushAsync()).Sent);
        Directory.Delete(_repository["data"], recursive: true);
        _repository.Write("data/only", "this");
        _repository.Add("data");
        await PushAsync();
        var unused = await DvcGc.FindAsync(_repository.Open(), new NamedContents([], []), null, onRemote: true, allCommits: false, TimeSpan.Zero, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1203, 2), (unused.Contents.Count, unused.Kept));
        Assert.Equal(1203, await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken));
        _repository.Forget("data");
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal("this", _repository.Read("data/only"));
    }

    [Theory]
    [InlineData(Fault.SlowDown)]
    [InlineData(Fault.InternalError)]
    [InlineData(Fault.Refuse)]
    [InlineData(Fault.CutRequest)]
    [InlineData(Fault.CutAnswer)]
    [InlineData(Fault.CorruptRequest)]
    public async Task What_fails_now_and_then_is_tried_again(Fault fault)
    {
        // Every other connection; what's in the middle of an answer concerns the pull.
        await using var proxy = new FaultyProxy(_store.Port, n => n % 2 == 1 ? fault : Fault.None);
        for (var n = 0; n < 6; n++) _repository.Write($"data/{n}", Bytes(300_000, n));
        var added = _repository.Add("data");
        Configure(proxy.Endpoint);
        await TryAgainAsync(async () => await PushAsync(), fault == Fault.CorruptRequest);
        _repository.Forget("data");
        Configure(proxy.Endpoint);
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
        Assert.True(proxy.Connections > 1);
        // Nothing damaged was kept by the store.
        Configure(_store.Endpoint);
        _repository.Forget("data");
        Configure(_store.Endpoint);
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
    }

    [Fact]
    public async Task What_is_changed_on_the_way_back_replaces_nothing()
    {
        _repository.Write("file", Bytes(300_000, 7));
        var added = _repository.Add("file");
        await PushAsync();
        _repository.Forget("file");
        await using var proxy = new FaultyProxy(_store.Port, _ => Fault.CorruptAnswer);
        Configure(proxy.Endpoint);
        Assert.Contains("is damaged", Assert.Single((await PullAsync()).Failed).Reason, StringComparison.Ordinal);
        Assert.False(File.Exists(_repository["file"]));
        Configure(_store.Endpoint);
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(added.Hash, _repository.Add("file").Hash);
    }

    [Fact]
    public async Task A_store_that_stays_busy_is_given_up_within_a_bound()
    {
        await using var proxy = new FaultyProxy(_store.Port, _ => Fault.SlowDown);
        Configure(proxy.Endpoint);
        _repository.Write("file", "content");
        _repository.Add("file");
        var given = await Assert.ThrowsAsync<DvcException>(PushAsync);
        Assert.Contains("answered 503", given.Message, StringComparison.Ordinal);
        Assert.InRange(proxy.Connections, 2, 20);
    }

    [Fact]
    public async Task Wrong_keys_a_missing_bucket_and_no_network_are_said_in_a_line_without_a_secret()
    {
        _repository.Write("file", "content");
        _repository.Add("file");
        Configure(_store.Endpoint, key: "nobody");
        await SaysAsync("keys");
        Configure(_store.Endpoint, secret: "a wrong secret");
        await SaysAsync("keys");
        Configure(_store.Endpoint, bucket: "no-such-bucket");
        await SaysAsync("There is no bucket no-such-bucket");
        Configure("http://127.0.0.1:1");
        await SaysAsync("can't be reached");
        Configure("http://no-such-host.invalid");
        await SaysAsync("can't be reached");

        async Task SaysAsync(string what)
        {
            var said = await Assert.ThrowsAsync<DvcException>(PushAsync);
            Assert.Contains(what, said.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', said.Message);
            foreach (var secret in (string[])["a wrong secret", CephStore.SecretKey]) Assert.DoesNotContain(secret, said.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_that_push_the_same_at_once_do_no_harm()
    {
        using var other = new DataRepository();
        other.Open();
        foreach (var repository in (DataRepository[])[_repository, other])
        {
            repository.Write("data/big", Bytes(40_000_000, 9));
            for (var n = 0; n < 20; n++) repository.Write($"data/{n}", Bytes(1000, n));
            repository.Add("data");
        }
        File.Copy(_repository[".dvc/config"], other[".dvc/config"], overwrite: true);
        File.Copy(_repository[".dvc/config.local"], other[".dvc/config.local"], overwrite: true);
        await Task.WhenAll(PushAsync(), DvcPush.RunAsync(other.Open(), cancellationToken: TestContext.Current.CancellationToken));
        _repository.Forget("data");
        Assert.Empty((await PullAsync()).Failed);
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
    }

    // What arrives damaged is refused by the store, and told; the command is run again, as its message says.
    private static async Task TryAgainAsync(Func<Task> body, bool mayBeRefused)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await body();
                return;
            }
            catch (DvcException) when (mayBeRefused && attempt < 10)
            {
                // Again.
            }
        }
    }

    private Task<PushedVersions> PushAsync() => DvcPush.RunAsync(_repository.Open(), cancellationToken: TestContext.Current.CancellationToken);

    private Task<PulledVersions> PullAsync() => DvcPull.RunAsync(_repository.Open(), cancellationToken: TestContext.Current.CancellationToken);

    private void Configure(string endpoint, string? bucket = null, string key = CephStore.AccessKey, string secret = CephStore.SecretKey)
    {
        _repository.Write(".dvc/config", $"[core]\n    remote = storage\n['remote \"storage\"']\n    url = s3://{bucket ?? _bucket}/some/folder\n    endpointurl = {endpoint}\n");
        _repository.Write(".dvc/config.local", $"['remote \"storage\"']\n    access_key_id = {key}\n    secret_access_key = {secret}\n");
    }

    private AmazonS3Client Client() => S3Client.Create("test", new Dictionary<string, string> { ["endpointurl"] = _store.Endpoint, ["access_key_id"] = CephStore.AccessKey, ["secret_access_key"] = CephStore.SecretKey });

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private sealed class Told(Action<TransferProgress> tell) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => tell(value);
    }
}
