using System.Runtime.Versioning;
using System.Text;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Tests.Dvc;

/// <summary>Push and pull with a folder as remote.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TransferTests : IDisposable
{
    private readonly DataRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task What_is_pushed_comes_back_bit_for_bit()
    {
        var big = new byte[3_000_000];
        new Random(1).NextBytes(big);
        _repository.Write("data/اردو/آواز 😀.bin", big);
        _repository.Write("data/empty", "");
        _repository.Write("data/same", big);
        _repository.Write("file", "file");
        var folder = _repository.Add("data");
        var file = _repository.Add("file");

        var pushed = await _repository.PushAsync();
        Assert.Equal((4, 0), (pushed.Sent, pushed.Present)); // two equal files are one content
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_repository.Sent(folder.Hash)));
        Assert.Equal(0, (await _repository.PushAsync()).Sent);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_repository.Remote, "tmp")));

        _repository.Forget("data", "file");
        var pulled = await _repository.PullAsync();
        Assert.Empty(pulled.Failed);
        Assert.Equal((4, 4, 0), (pulled.Received, pulled.Written, pulled.Removed));
        Assert.Equal(big, File.ReadAllBytes(_repository["data/اردو/آواز 😀.bin"]));
        Assert.Equal((folder.Hash, file.Hash), (_repository.Add("data").Hash, _repository.Add("file").Hash));
        Assert.Equal(0, (await _repository.PullAsync()).Written);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_repository[".dvc/cache/tmp"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_repository[".dvc/tmp/lipsol/files"]));
    }

    [Fact]
    public async Task What_killed_pushes_left_goes_after_a_day_and_what_one_is_just_writing_stays()
    {
        _repository.Write("file", "file");
        _repository.Add("file");
        var temporary = Directory.CreateDirectory(Path.Combine(_repository.Remote, "tmp")).FullName;
        var (old, young) = (Path.Combine(temporary, "old.part"), Path.Combine(temporary, "young.part"));
        File.WriteAllText(old, "half");
        File.WriteAllText(young, "half");
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        await _repository.PushAsync();
        Assert.Equal([young], Directory.EnumerateFiles(temporary));
    }

    [Fact]
    public async Task A_folder_that_can_not_be_made_is_named_as_the_remote()
    {
        _repository.Write("file", "file");
        _repository.Add("file");
        File.WriteAllText(_repository.Remote, "a file stands in its place");
        var e = await Assert.ThrowsAsync<DvcException>(() => _repository.PushAsync());
        Assert.Contains($"The remote {_repository.Remote} can't be used", e.Message);
    }

    [Fact]
    public async Task A_damaged_content_of_the_remote_replaces_nothing_and_is_named()
    {
        _repository.Write("good", "good");
        _repository.Write("bad", "good too");
        _repository.Add("good");
        var bad = _repository.Add("bad");
        await _repository.PushAsync();
        DataRepository.Overwrite(_repository.Sent(bad.Hash), "damaged!");
        _repository.Forget("good");
        _repository.Write("bad", "an older one");
        var pulled = await _repository.PullAsync(force: true);
        Assert.Equal("bad", Assert.Single(pulled.Failed).Path);
        Assert.Contains("is damaged", pulled.Failed[0].Reason, StringComparison.Ordinal);
        Assert.Equal(("good", "an older one"), (_repository.Read("good"), _repository.Read("bad"))); // the rest is pulled
        Assert.False(File.Exists(_repository.Cached(bad.Hash)));

        // What the message advises: from where it's whole, with --verify.
        Assert.Contains("Push it again with --verify", pulled.Failed[0].Reason, StringComparison.Ordinal);
        _repository.Write("bad", "good too");
        _repository.Add("bad");
        Assert.Equal(0, (await _repository.PushAsync()).Sent); // of the same size: nobody looked inside
        Assert.Equal(1, (await DvcPush.RunAsync(_repository.Open(), remote: _repository.Remote, verify: true, cancellationToken: TestContext.Current.CancellationToken)).Sent);
        _repository.Forget("bad");
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal("good too", _repository.Read("bad"));
        // Of another size: any push mends it.
        DataRepository.Overwrite(_repository.Sent(bad.Hash), "good");
        Assert.Equal(1, (await _repository.PushAsync()).Sent);
        Assert.Equal("good too", File.ReadAllText(_repository.Sent(bad.Hash)));
    }

    [Fact]
    public async Task What_is_damaged_in_the_cache_stays_until_the_remote_has_given_a_good_one()
    {
        _repository.Write("file", "content");
        var added = _repository.Add("file");
        await _repository.PushAsync();
        DataRepository.Overwrite(_repository.Cached(added.Hash), "CONTENT");
        File.Move(_repository.Sent(added.Hash), _repository.Elsewhere("away"));
        Assert.Single((await _repository.PullAsync()).Failed);
        Assert.Equal("CONTENT", File.ReadAllText(_repository.Cached(added.Hash)));
        File.Move(_repository.Elsewhere("away"), _repository.Sent(added.Hash));
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal("content", File.ReadAllText(_repository.Cached(added.Hash)));
    }

    [Fact]
    public async Task A_damaged_content_of_the_cache_is_neither_pushed_nor_taken_for_good()
    {
        _repository.Write("file", "content");
        var added = _repository.Add("file");
        await _repository.PushAsync();
        DataRepository.Overwrite(_repository.Cached(added.Hash), "CONTENT");
        File.Delete(_repository.Sent(added.Hash));
        Assert.Contains("damaged", (await Assert.ThrowsAsync<DvcException>(_repository.PushAsync)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_repository.Sent(added.Hash)));

        File.WriteAllText(_repository.Sent(added.Hash), "content");
        File.Delete(_repository["file"]);
        Assert.Equal(1, (await _repository.PullAsync()).Received); // fetched again
        Assert.Equal("content", _repository.Read("file"));
    }

    [Fact]
    public async Task Changes_that_no_version_holds_are_kept_unless_they_may_be_lost()
    {
        _repository.Write("data/a", "1");
        _repository.Write("data/b", "1");
        _repository.Add("data");
        _repository.Commit("one");
        _repository.Write("data/a", "2");
        _repository.Write("data/c/d", "2");
        _repository.Add("data");
        _repository.Git("checkout", "--quiet", "data.dvc");
        Assert.Equal((1, 1), (await _repository.PullAsync() is var back ? (back.Written, back.Removed) : default)); // a version holds both
        Assert.Equal("1", _repository.Read("data/a"));
        Assert.False(Directory.Exists(_repository["data/c"]));

        _repository.Write("data/a", "not kept anywhere");
        _repository.Write("data/e", "nor this");
        var refused = Assert.Single((await _repository.PullAsync()).Failed);
        Assert.Contains("lipsol data add data", refused.Reason, StringComparison.Ordinal);
        Assert.Equal("not kept anywhere", _repository.Read("data/a"));
        Assert.Empty((await _repository.PullAsync(force: true)).Failed);
        Assert.Equal("1", _repository.Read("data/a"));
        Assert.False(File.Exists(_repository["data/e"]));
    }

    [Fact]
    public async Task A_file_takes_the_place_of_a_folder_and_the_other_way_round()
    {
        _repository.Write("data/x", "a file");
        _repository.Add("data");
        _repository.Commit("one");
        File.Delete(_repository["data/x"]);
        _repository.Write("data/x/y", "in a folder");
        _repository.Add("data");
        _repository.Commit("two");
        _repository.Git("checkout", "--quiet", "HEAD~1");
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal("a file", _repository.Read("data/x"));
        _repository.Git("checkout", "--quiet", "main");
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal("in a folder", _repository.Read("data/x/y"));
    }

    [Fact]
    public async Task A_push_that_was_stopped_goes_on_and_a_folder_that_is_there_is_complete()
    {
        for (var n = 0; n < 40; n++) _repository.Write($"data/{n}", $"{n}");
        var added = _repository.Add("data");
        using var stop = new CancellationTokenSource();
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DvcPush.RunAsync(_repository.Open(), remote: _repository.Remote, jobs: 1, progress: new Told(_ =>
        {
            if (Interlocked.Increment(ref seen) == 10) stop.Cancel();
        }), cancellationToken: stop.Token));
        Assert.False(File.Exists(_repository.Sent(added.Hash)));
        File.WriteAllText(Directory.CreateDirectory(Path.Combine(_repository.Remote, "files", "md5", "ab")).FullName + "/half.part", "a killed push's");
        var pushed = await _repository.PushAsync();
        Assert.Equal(41, pushed.Sent + pushed.Present);
        Assert.True(File.Exists(_repository.Sent(added.Hash)));
    }

    [Fact]
    public async Task What_a_person_withdrew_from_the_remote_is_not_pushed_there_again()
    {
        _repository.Write("data/theirs", "theirs");
        _repository.Write("data/mine", "mine");
        _repository.Write("other", "other");
        var added = _repository.Add("data");
        _repository.Add("other");
        await _repository.PushAsync();
        var theirs = ArtifactHash.Of("theirs"u8);
        using (var remote = ArtifactRemote.Open(_repository.Open(), _repository.Remote)) await remote.PurgeAsync([theirs], TestContext.Current.CancellationToken);
        _repository.Write("other", "changed");
        _repository.Add("other");
        var pushed = await _repository.PushAsync();
        Assert.Equal(["data"], pushed.Withdrawn);
        Assert.Equal(1, pushed.Sent); // the rest goes
        Assert.False(File.Exists(_repository.Sent(theirs)));
        File.Delete(_repository["data/theirs"]);
        Assert.NotEqual(added.Hash, _repository.Add("data").Hash);
        Assert.Empty((await _repository.PushAsync()).Withdrawn);
    }

    [Fact]
    public async Task Two_that_push_the_same_at_once_do_no_harm()
    {
        using var other = new DataRepository();
        foreach (var repository in (DataRepository[])[_repository, other])
        {
            for (var n = 0; n < 100; n++) repository.Write($"data/{n}", new string((char)('a' + n % 26), 10_000 + n));
            repository.Add("data");
        }
        await Task.WhenAll(Task.Run(() => _repository.PushAsync()), Task.Run(() => DvcPush.RunAsync(other.Open(), remote: _repository.Remote, cancellationToken: TestContext.Current.CancellationToken)));
        _repository.Forget("data");
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
    }

    [Fact]
    public async Task Versions_of_DVC_2_are_verified_and_pulled()
    {
        _repository.Open();
        var text = "a,b\r\nc,d\r\n";
        var file = ArtifactHash.Of("a,b\nc,d\n"u8);
        var listing = Encoding.ASCII.GetBytes($"[{{\"md5\": \"{file}\", \"relpath\": \"t.csv\"}}]");
        var folder = ArtifactHash.Of(listing) + ".dir";
        foreach (var (hash, content) in new[] { (file, Encoding.ASCII.GetBytes(text)), (folder, listing) })
            File.WriteAllBytes(Directory.CreateDirectory(Path.Combine(_repository.Remote, hash[..2])).FullName + "/" + hash[2..], content);
        _repository.Write("old.dvc", $"outs:\n- md5: {folder}\n  size: 10\n  nfiles: 1\n  path: old\n");
        Assert.Empty((await _repository.PullAsync()).Failed);
        Assert.Equal(text, _repository.Read("old/t.csv"));
        Assert.Equal(VersionState.Unchanged, _repository.Status("old").State);
        Assert.Equal(2, (await _repository.PushAsync()).Present);
        DataRepository.Overwrite(Path.Combine(_repository.Remote, file[..2], file[2..]), "a,b\r\nX,d\r\n");
        Directory.Delete(_repository[".dvc/cache"], recursive: true);
        Assert.Contains("damaged", Assert.Single((await _repository.PullAsync()).Failed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_nowhere_is_named_with_what_to_do()
    {
        _repository.Write("file", "content");
        var added = _repository.Add("file");
        Assert.Contains("No remote is configured", (await Assert.ThrowsAsync<DvcException>(() => DvcPush.RunAsync(_repository.Open(), cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        _repository.Write(".dvc/config", "[core]\n    remote = other\n['remote \"storage\"']\n    url = /nowhere/at/all\n['remote \"web\"']\n    url = gs://bucket\n");
        Assert.Contains("There are: storage, web.", (await Assert.ThrowsAsync<DvcException>(() => DvcPush.RunAsync(_repository.Open(), cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.Contains("Mount its drive", (await Assert.ThrowsAsync<DvcException>(() => DvcPush.RunAsync(_repository.Open(), remote: "storage", cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.Contains("gs://", (await Assert.ThrowsAsync<DvcException>(() => DvcPush.RunAsync(_repository.Open(), remote: "web", cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        _repository.Forget("file");
        Directory.CreateDirectory(_repository.Remote);
        Assert.Contains($"{added.Hash} isn't in {_repository.Remote}", Assert.Single((await _repository.PullAsync()).Failed).Reason, StringComparison.Ordinal);
        Assert.Equal(["file"], (await _repository.PushAsync()).NotInCache);
    }

    [Fact]
    public async Task A_hostile_version_writes_nothing_outside()
    {
        _repository.Open();
        Directory.CreateDirectory(_repository.Elsewhere("outside"));
        var content = "hello"u8.ToArray();
        var file = ArtifactHash.Of(content);
        Put(file, content);
        _repository.Write("up.dvc", $"outs:\n- md5: {file}\n  hash: md5\n  path: ../outside/evil\n");
        _repository.Write("absolute.dvc", $"outs:\n- md5: {file}\n  hash: md5\n  path: {_repository.Elsewhere("outside")}/evil\n");
        _repository.Write("hook.dvc", $"outs:\n- md5: {file}\n  hash: md5\n  path: .git/hooks/post-checkout\n");
        Folder("climbs", "../../outside/evil");
        Folder("nested", ".git/config");
        Folder("linked", "link/evil");
        Directory.CreateDirectory(_repository["linked"]);
        File.CreateSymbolicLink(_repository["linked/link"], _repository.Elsewhere("outside"));
        var pulled = await _repository.PullAsync(force: true);
        Assert.Equal(6, pulled.Failed.Count);
        Assert.Equal(0, pulled.Written);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_repository.Elsewhere("outside")));
        Assert.False(Directory.Exists(_repository["nested/.git"]));

        void Folder(string name, string path)
        {
            var listing = Encoding.ASCII.GetBytes($"[{{\"md5\": \"{file}\", \"relpath\": \"{path}\"}}]");
            var hash = ArtifactHash.Of(listing) + ".dir";
            Put(hash, listing);
            _repository.Write(name + ".dvc", $"outs:\n- md5: {hash}\n  size: 5\n  nfiles: 1\n  hash: md5\n  path: {name}\n");
        }

        void Put(string hash, byte[] bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_repository.Sent(hash))!);
            File.WriteAllBytes(_repository.Sent(hash), bytes);
        }
    }

    [Fact]
    public async Task A_folder_of_10_000_files_goes_there_and_back()
    {
        for (var n = 0; n < 10_000; n++) _repository.Write($"data/{n / 100}/{n}", $"clip {n}");
        var added = _repository.Add("data");
        Assert.Equal(10_001, (await _repository.PushAsync()).Sent);
        _repository.Forget("data");
        Assert.Equal(10_000, (await _repository.PullAsync()).Written);
        Assert.Equal(added.Hash, _repository.Add("data").Hash);
    }

    private sealed class Told(Action<TransferProgress> tell) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => tell(value);
    }
}
