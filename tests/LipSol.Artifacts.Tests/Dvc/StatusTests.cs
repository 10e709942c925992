using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Tests.Dvc;

public sealed class StatusTests : IDisposable
{
    private readonly DataRepository _repository = new();

    public void Dispose() => _repository.Dispose();

    [Fact]
    public void Changes_are_told_file_by_file()
    {
        foreach (var name in (string[])["kept", "changed", "gone", "renamed"]) _repository.Write("data/" + name, name);
        _repository.Add("data");
        Assert.Equal((VersionState.Unchanged, true), (_repository.Status("data").State, _repository.Status("data").InCache));
        _repository.Write("data/changed", "otherwise");
        _repository.Write("data/new", "new");
        File.Delete(_repository["data/gone"]);
        File.Move(_repository["data/renamed"], _repository["data/نام"]);
        var status = _repository.Status("data");
        Assert.Equal(VersionState.Modified, status.State);
        Assert.Equal([("changed", FileChange.Modified, null), ("gone", FileChange.Deleted, null), ("new", FileChange.Added, null), ("نام", FileChange.Renamed, "renamed")], status.Changes.Select(c => (c.Path, c.Change, c.OldPath)));
        Directory.Delete(_repository["data"], recursive: true);
        Assert.Equal(VersionState.Missing, _repository.Status("data").State);
        Directory.Delete(_repository[".dvc/cache"], recursive: true);
        Assert.False(_repository.Status("data").InCache);
        Assert.Contains("isn't versioned", Assert.Throws<DvcException>(() => _repository.Status("nothing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_have_not_changed_are_not_read_again()
    {
        var path = _repository.Write("data/a", "content");
        var time = DateTime.UtcNow.AddHours(-1);
        File.SetLastWriteTimeUtc(path, time);
        _repository.Add("data");
        // The same size, time and file: only reading would tell.
        using (var file = File.OpenWrite(path)) file.Write("CONTENT"u8);
        File.SetLastWriteTimeUtc(path, time);
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
        Assert.Equal(VersionState.Modified, _repository.Status("data").State);
    }

    [Fact]
    public void Commits_and_the_workspace_are_compared()
    {
        _repository.Write("data/a", "1");
        _repository.Write("file", "1");
        _repository.Add("data");
        _repository.Add("file");
        _repository.Commit("one");
        _repository.Git("tag", "v1");
        _repository.Write("data/b", "2");
        _repository.Add("data");
        File.Delete(_repository["file"]);
        File.Delete(_repository["file.dvc"]);
        _repository.Commit("two");
        var repository = _repository.Open();
        var changes = DvcDiff.Run(repository, "v1", "HEAD", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([("data", FileChange.Modified), ("file", FileChange.Deleted)], changes.Select(c => (c.Path, c.Change)));
        Assert.Equal([("b", FileChange.Added)], changes[0].Files!.Select(c => (c.Path, c.Change)));
        Assert.Empty(DvcDiff.Run(repository, cancellationToken: TestContext.Current.CancellationToken));
        _repository.Write("data/a", "changed");
        Assert.Equal([("a", FileChange.Modified)], Assert.Single(DvcDiff.Run(repository, cancellationToken: TestContext.Current.CancellationToken)).Files!.Select(c => (c.Path, c.Change)));
        Assert.Contains("no commit, branch or tag nowhere", Assert.Throws<DvcException>(() => DvcDiff.Run(repository, "nowhere", cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Category", "Long")]
    public void An_unchanged_folder_of_100_000_files_is_checked_within_two_seconds()
    {
        for (var n = 0; n < 100_000; n++)
        {
            if (n % 1000 == 0) Directory.CreateDirectory(_repository[$"data/بولنے والا {n / 1000}"]);
            File.WriteAllText(_repository[$"data/بولنے والا {n / 1000}/clip {n}.txt"], $"{n}");
        }
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(100_000, _repository.Add("data").Files);
        var adding = watch.Elapsed;
        _repository.Status("data"); // those that were made within the clock's tick are read once more
        // Of all threads together, so that others on the same machine don't count: without them it's no longer than that.
        var before = Environment.CpuUsage.TotalTime;
        watch.Restart();
        Assert.Equal(VersionState.Unchanged, _repository.Status("data").State);
        var (took, computed) = (watch.Elapsed, Environment.CpuUsage.TotalTime - before);
        TestContext.Current.TestOutputHelper?.WriteLine($"added in {adding.TotalSeconds:0.0} s, checked in {took.TotalSeconds:0.00} s with {computed.TotalSeconds:0.00} s of processor time");
        Assert.True(computed < TimeSpan.FromSeconds(2), $"checked with {computed} of processor time");
    }
}
