using LipSol.Artifacts.Dvc;

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

        Assert.Equal(4, await DvcGc.RemoveAsync(_repository.Open(), unused, TestContext.Current.CancellationToken));
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
        Assert.Equal(0, await DvcGc.RemoveAsync(_repository.Open(), unused, TestContext.Current.CancellationToken));
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
        var unused = await DvcGc.FindAsync(_repository.Open(), [], _repository.Remote, onRemote: true, allCommits: false, TimeSpan.Zero, TestContext.Current.CancellationToken);
        Assert.Equal((_repository.Remote, 2), (unused.Where, unused.Kept));
        Assert.Equal(Sorted(old), unused.Contents.Order());
        await DvcGc.RemoveAsync(_repository.Open(), unused, TestContext.Current.CancellationToken);
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

    private static IEnumerable<string> Sorted(params (string Folder, string File)[] versions) => versions.SelectMany(v => new[] { v.Folder, v.File }).Order();

    private (string Folder, string File) Version(string content)
    {
        _repository.Write("data/file", content);
        return (_repository.Add("data").Hash, ArtifactHash.Of(System.Text.Encoding.UTF8.GetBytes(content)));
    }

    private Task<UnusedContents> Find(string[]? alsoUsed = null, bool allCommits = false, TimeSpan age = default) =>
        DvcGc.FindAsync(_repository.Open(), alsoUsed ?? [], remote: null, onRemote: false, allCommits, age, TestContext.Current.CancellationToken);
}
