using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;
using LipSol.Artifacts.Tests.Dvc;

namespace LipSol.Artifacts.Tests.Remotes;

/// <summary>Others work on the remote while something is sent.</summary>
public sealed class SendTests : IDisposable
{
    private readonly DataRepository _repository = new();
    private readonly FolderRemote _remote;

    public SendTests() => _remote = new FolderRemote(_repository.Remote);

    public void Dispose()
    {
        _remote.Dispose();
        _repository.Dispose();
    }

    [Fact]
    public async Task What_was_there_and_is_removed_meanwhile_is_sent_before_the_listing_goes()
    {
        var contents = Contents();
        await SendAsync(contents.Where(c => c.Hash == contents[0].Hash));
        var sent = await SendAsync(contents, whileSending: Once(() => File.Delete(_repository.Sent(contents[0].Hash))));
        Assert.Equal(contents.Select(c => c.Hash).Order(), sent.Keys.Select(c => c.Hash).Order());
        Assert.All(contents, c => Assert.True(File.Exists(_repository.Sent(c.Hash))));
    }

    [Fact]
    public async Task A_remote_that_loses_all_that_it_is_given_gets_no_listing()
    {
        var contents = Contents();
        await SendAsync(contents.Where(c => !c.IsFolder));
        var next = 0;
        var files = contents.Where(c => !c.IsFolder).ToArray();
        File.Delete(_repository.Sent(files[0].Hash));
        var error = await Assert.ThrowsAsync<DvcException>(() => SendAsync(contents, whileSending: () => File.Delete(_repository.Sent(files[++next].Hash))));
        Assert.Contains("push again", error.Message);
        Assert.False(File.Exists(_repository.Sent(contents.Single(c => c.IsFolder).Hash)));
    }

    [Fact]
    public async Task What_a_person_withdrew_meanwhile_is_taken_away_again()
    {
        var contents = Contents();
        var theirs = contents[1];
        var error = await Assert.ThrowsAsync<WithdrawnException>(() => SendAsync(contents, whileSending: Once(() => WithdrawnContents.AddAsync(_remote, [theirs.Hash], TestContext.Current.CancellationToken).GetAwaiter().GetResult())));
        Assert.Contains("withdrew", error.Message);
        Assert.False(File.Exists(_repository.Sent(theirs.Hash)));
        Assert.True(File.Exists(_repository.Sent(contents[0].Hash)));
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 0)]
    public async Task What_was_sent_stays_when_a_push_is_stopped_unless_its_person_withdrew(bool withdrew, int left)
    {
        var contents = Contents();
        using var stop = new CancellationTokenSource();
        var count = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _remote.SendAsync(contents, _repository.Open().Cache.PathOf, [], verify: false, jobs: 1, new Told(() =>
        {
            if (++count != 4) return;
            if (withdrew) WithdrawnContents.AddAsync(_remote, [.. contents.Select(c => c.Hash)], CancellationToken.None).GetAwaiter().GetResult();
            stop.Cancel();
        }), stop.Token));
        Assert.Equal(left, contents.Count(c => File.Exists(_repository.Sent(c.Hash))));
    }

    [Fact]
    public async Task While_someone_cleans_nothing_is_taken_for_there()
    {
        var contents = Contents();
        await using (await RemoteCleaning.BeginAsync(_remote, TimeProvider.System, TestContext.Current.CancellationToken))
            Assert.Contains("is being cleaned", (await Assert.ThrowsAsync<DvcException>(() => SendAsync(contents))).Message);
        Assert.Equal(contents.Length, (await SendAsync(contents)).Count);
        // One that was killed counts no longer.
        var killed = new Earlier();
        await RemoteCleaning.BeginAsync(_remote, killed, TestContext.Current.CancellationToken);
        Assert.Empty(await SendAsync(contents));
    }

    [Fact]
    public async Task Word_of_a_version_that_never_got_there_is_taken_back()
    {
        var contents = Contents();
        var record = PushRecord.OfVersions(["data"], [contents[^1].Hash], DateTimeOffset.UtcNow);
        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(contents, Once(() => throw new InvalidOperationException("the network")), [record]));
        Assert.Empty(await PushRecord.ReadAsync(_remote, TestContext.Current.CancellationToken));
        await SendAsync(contents, records: [record]);
        // Of one that is there it stays, however a push of it ends.
        File.Delete(_repository.Sent(contents[0].Hash));
        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(contents, Once(() => throw new InvalidOperationException("the network")), [record]));
        Assert.Equal(record.Id, Assert.Single(await PushRecord.ReadAsync(_remote, TestContext.Current.CancellationToken)).Key);
    }

    private sealed class Earlier : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(-11);
    }

    private static Action Once(Action does)
    {
        var done = false;
        return () =>
        {
            if (done) return;
            done = true;
            does();
        };
    }

    private DvcObject[] Contents()
    {
        for (var n = 0; n < 8; n++) _repository.Write($"data/{n}", $"clip {n}");
        var folder = new DvcObject(_repository.Add("data").Hash);
        return [.. VersionContents.Of(folder, _repository.Open().Cache.Listing(folder)), folder];
    }

    private Task<IReadOnlyDictionary<DvcObject, long>> SendAsync(IEnumerable<DvcObject> contents, Action? whileSending = null, PushRecord[]? records = null) =>
        _remote.SendAsync([.. contents], _repository.Open().Cache.PathOf, records ?? [], verify: false, jobs: 1, new Told(whileSending), TestContext.Current.CancellationToken);

    // What is told is told before the next content goes.
    private sealed class Told(Action? does) : IProgress<TransferProgress>
    {
        private int _files;

        public void Report(TransferProgress value)
        {
            if (value.Files == _files) return;
            _files = value.Files;
            does?.Invoke();
        }
    }
}
