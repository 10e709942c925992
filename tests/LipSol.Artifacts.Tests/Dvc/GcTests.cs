using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Tests.Dvc;

public sealed class GcTests : IDisposable
{
    private readonly DataRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task What_a_branch_a_tag_the_index_or_the_workspace_refers_to_stays()
    {
        var lost = Version("first, in no tip");
        _repository.Commit("1");
        var tagged = Version("tagged");
        _repository.Commit("2");
        _repository.Git("tag", "-a", "v1", "-m", "v1");
        _repository.Git("checkout", "--quiet", "-b", "other");
        var branched = Version("on a branch");
        _repository.Commit("3");
        _repository.Git("checkout", "--quiet", "main");
        var staged = Version("staged");
        _repository.Git("add", "data.dvc");
        var uncommitted = Version("here");
        var never = Version("never committed");
        Version("here");
        var ofRun = Version("of a run");
        Version("here");

        var unused = await Find(alsoUsed: [ofRun.Folder]);
        Assert.Equal(Sorted(lost, never), unused.Contents.Order());
        Assert.All(unused.Contents, hash => Assert.True(File.Exists(_repository.Cached(hash)))); // nothing is removed by looking
        Assert.Equal(Sorted(never), (await Find([ofRun.Folder], allCommits: true)).Contents.Order());
        Assert.Empty((await Find([ofRun.Folder], age: TimeSpan.FromHours(1))).Contents);

        Assert.Equal(4, await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken));
        foreach (var gone in (string[])[lost.Folder, lost.File, never.Folder, never.File]) Assert.False(File.Exists(_repository.Cached(gone)));
        foreach (var version in new[] { tagged, branched, staged, uncommitted, ofRun })
            Assert.All((string[])[version.Folder, version.File], hash => Assert.True(File.Exists(_repository.Cached(hash))));
    }

    [Fact]
    public async Task What_became_used_since_it_was_looked_for_stays()
    {
        var first = Version("first");
        Version("second");
        var unused = await Find();
        Assert.Equal(Sorted(first), unused.Contents.Order());
        Version("first");
        Assert.Equal(0, await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((VersionState.Unchanged, true), (_repository.Status("data").State, _repository.Status("data").InCache));
    }

    [Fact]
    public async Task Clips_that_a_runs_manifest_names_and_what_pipelines_of_DVC_made_stay()
    {
        var clip = Version("a clip").File;
        _repository.Write("manifest.json", $"{{ \"clips\": [ {{ \"md5\": \"{clip}\" }} ] }}");
        var manifest = _repository.Add("manifest.json").Hash;
        _repository.Write("made", "by a pipeline");
        var made = _repository.Add("made").Hash;
        foreach (var file in (string[])["manifest.json.dvc", "made.dvc"]) File.Delete(_repository[file]);
        _repository.Write("dvc.lock", $"schema: '2.0'\nstages:\n  train:\n    cmd: x\n    outs:\n    - path: made\n      hash: md5\n      md5: {made}\n      size: 13\n");
        Version("now");
        var unused = await Find(alsoUsed: [manifest]);
        Assert.DoesNotContain(unused.Contents, hash => hash == clip || hash == manifest || hash == made);
        Assert.Contains(clip, (await Find()).Contents);
    }

    [Fact]
    public async Task A_remote_is_cleaned_by_the_same_rule()
    {
        var old = Version("old");
        await _repository.PushAsync();
        var now = Version("now");
        await _repository.PushAsync();
        var unused = await DvcGc.FindAsync(_repository.Open(), NamedContents.None, _repository.Remote, onRemote: true, allCommits: false, TimeSpan.Zero, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((_repository.Remote, 2), (unused.Where, unused.Kept));
        Assert.Equal(Sorted(old), unused.Contents.Order());
        await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(File.Exists(_repository.Sent(old.File)));
        Assert.True(File.Exists(_repository.Sent(now.File)));
        Assert.True(File.Exists(_repository.Cached(old.File)));
    }

    [Fact]
    public async Task A_listing_that_is_not_here_is_fetched_and_one_that_is_nowhere_is_named()
    {
        var version = Version("content");
        await _repository.PushAsync();
        _repository.Write(".dvc/config", $"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {_repository.Remote}\n");
        File.Delete(_repository.Cached(version.Folder));
        var unused = await Find();
        Assert.Empty(unused.Contents);
        Assert.Empty(unused.Unknown);
        File.Delete(_repository.Cached(version.Folder));
        File.Delete(_repository.Sent(version.Folder));
        Assert.Equal([version.Folder], (await Find()).Unknown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_manifest_that_its_node_could_not_read_is_fetched_for_what_it_names(bool onRemote)
    {
        var clip = Version("a mouth clip");
        var manifest = Version($"{{\"mouthClip\": \"{clip.File}\"}}");
        var listed = Version("now");
        await _repository.PushAsync();
        foreach (var hash in new[] { clip.File, manifest.File, manifest.Folder }) Send(hash);
        _repository.Write(".dvc/config", $"[core]\n    remote = storage\n['remote \"storage\"']\n    url = {_repository.Remote}\n");
        File.Delete(_repository.Cached(manifest.File));
        string[] unread = [manifest.File, new string('b', 32)];
        Task<UnusedContents> Find(params string[] own) => DvcGc.FindAsync(_repository.Open(), new NamedContents(unread, unread) { Own = own }, null, onRemote, allCommits: false, TimeSpan.Zero, TestContext.Current.CancellationToken);
        var unused = await Find(manifest.File);
        Assert.Empty(unused.Unknown);
        Assert.DoesNotContain(clip.File, unused.Contents);
        Assert.DoesNotContain(listed.File, unused.Contents);
        Assert.Contains(manifest.Folder, unused.Contents);
        // One that was made here and is nowhere may name anything.
        Assert.Equal([unread[1]], (await Find(unread)).Unknown);
    }

    private void Send(string hash)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_repository.Sent(hash))!);
        if (!File.Exists(_repository.Sent(hash))) File.Copy(_repository.Cached(hash), _repository.Sent(hash));
    }

    [Fact]
    public async Task What_another_clone_pushed_a_moment_ago_stays_though_nothing_here_refers_to_it()
    {
        var pushed = Version("of the other clone");
        await _repository.PushAsync();
        var here = Version("now"); // the version before was never committed in this clone
        foreach (var hash in new[] { pushed.Folder, pushed.File }) File.SetLastWriteTimeUtc(_repository.Sent(hash), DateTime.UtcNow.AddDays(-30));
        Assert.Empty((await OnRemote(TimeSpan.FromDays(14))).Contents);
        Assert.Equal(2, (await OnRemote(TimeSpan.FromDays(14))).Kept);
        // Later it's git that tells what is needed.
        using var remote = ArtifactRemote.Open(_repository.Open(), _repository.Remote);
        var record = Assert.Single(await remote.RecordsAsync(TestContext.Current.CancellationToken)).Value;
        Assert.Equal([pushed.Folder], record.Roots);
        await remote.PushAsync(new FolderArtifactStore(_repository.Elsewhere("store")), [], records: [record with { At = DateTimeOffset.UtcNow.AddDays(-15) }], cancellationToken: TestContext.Current.CancellationToken);
        await _repository.PushAsync();
        var unused = await OnRemote(TimeSpan.FromDays(14));
        Assert.Equal(Sorted(pushed), unused.Contents.Order());
        Assert.Equal(2, await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_repository.Sent(here.File)));
        Assert.Equal([here.Folder], Assert.Single(await remote.RecordsAsync(TestContext.Current.CancellationToken)).Value.Roots);
    }

    [Fact]
    public async Task While_a_push_goes_on_nothing_is_removed_that_it_may_need()
    {
        var pushed = Version("of the other clone");
        await _repository.PushAsync();
        Version("now");
        var unused = await OnRemote(TimeSpan.Zero);
        Assert.Equal(Sorted(pushed), unused.Contents.Order());
        // It has left word, found the file there, and not sent its listing.
        File.Delete(_repository.Sent(pushed.Folder));
        File.Delete(_repository.Cached(pushed.Folder));
        await Assert.ThrowsAsync<DvcException>(() => DvcGc.RemoveAsync(_repository.Open(), unused with { Search = unused.Search with { MinimumAge = TimeSpan.FromDays(14) } }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_repository.Sent(pushed.File)));
        unused = await OnRemote(TimeSpan.FromDays(14));
        Assert.Equal("the push of versions data", Assert.Single(unused.Unfinished).Value);
    }

    [Fact]
    public async Task What_a_run_came_to_need_while_someone_was_asked_stays_and_what_can_not_be_read_then_stops_it()
    {
        var first = Version("first");
        Version("second");
        var unused = await Find();
        Assert.Equal(Sorted(first), unused.Contents.Order());
        var unreadable = new string('e', 32) + ".dir";
        await Assert.ThrowsAsync<DvcException>(() => DvcGc.RemoveAsync(_repository.Open(), unused, () => Task.FromResult(new NamedContents([unreadable], [unreadable])), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_repository.Cached(first.Folder)));
        Assert.Equal(0, await DvcGc.RemoveAsync(_repository.Open(), unused, () => Task.FromResult(new NamedContents([first.Folder], [])), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_repository.Cached(first.File)));
    }

    [Fact]
    public async Task What_a_push_left_word_of_stays_on_the_remote_until_that_is_taken_away()
    {
        var old = Version("a listing that the repository forgot");
        await _repository.PushAsync();
        Version("now");
        await _repository.PushAsync();
        var store = new FolderArtifactStore(_repository.Elsewhere("store"));
        Directory.CreateDirectory(_repository.Elsewhere("model"));
        File.WriteAllText(Path.Combine(_repository.Elsewhere("model"), "weights"), "of another node");
        var folder = store.PutFolder(_repository.Elsewhere("model"), TestContext.Current.CancellationToken);
        var record = new PushRecord("model", "words@1", [folder], DateTimeOffset.UnixEpoch);
        using var remote = ArtifactRemote.Open(_repository.Open(), _repository.Remote);
        await remote.PushAsync(store, record.Roots, records: [record], cancellationToken: TestContext.Current.CancellationToken);
        await remote.PushAsync(store, record.Roots, records: [record with { At = DateTimeOffset.UtcNow }], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(record.Id, Assert.Single(await remote.RecordsAsync(TestContext.Current.CancellationToken), r => r.Value.Kind == "model").Key);

        var unused = await OnRemote();
        Assert.Equal(Sorted(old), unused.Contents.Order());
        Assert.Equal(1, unused.Pushes);
        // Pushed between the look and the answer: nothing is sent, since it's there, and nothing is removed.
        await remote.ForgetAsync(record.Id, TestContext.Current.CancellationToken);
        unused = await OnRemote();
        Assert.Contains(folder, unused.Contents);
        Assert.Equal(0, (await remote.PushAsync(store, record.Roots, records: [record], cancellationToken: TestContext.Current.CancellationToken)).Transferred);
        Assert.Equal(2, await DvcGc.RemoveAsync(_repository.Open(), unused, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(File.Exists(_repository.Sent(folder)));
        // A record that can't be read may stand for anything.
        File.WriteAllText(Path.Combine(_repository.Remote, "lipsol", "refs", record.Id + ".json"), "{}");
        Assert.Contains(record.Id, (await Assert.ThrowsAsync<DvcException>(() => OnRemote())).Message);
    }

        private Task<UnusedContents> OnRemote(TimeSpan age = default) => DvcGc.FindAsync(_repository.Open(), NamedContents.None, _repository.Remote, onRemote: true, allCommits: false, age, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Sorted(params (string Folder, string File)[] versions) => versions.SelectMany(v => new[] { v.Folder, v.File }).Order();

    private (string Folder, string File) Version(string content)
    {
        _repository.Write("data/file", content);
        return (_repository.Add("data").Hash, ArtifactHash.Of(System.Text.Encoding.UTF8.GetBytes(content)));
    }

    private Task<UnusedContents> Find(string[]? alsoUsed = null, bool allCommits = false, TimeSpan age = default) =>
        DvcGc.FindAsync(_repository.Open(), new NamedContents(alsoUsed ?? [], []), remote: null, onRemote: false, allCommits, age, cancellationToken: TestContext.Current.CancellationToken);
}
