namespace LipSol.Artifacts.Files;

/// <summary>Many files that appear whole or not at all, and stay after a power cut: written under temporary names, flushed together, then renamed.</summary>
/// <remarks>One flush of the file system for some hundred files instead of one for each: a hundred thousand small files take seconds, not minutes. Several threads may use it.</remarks>
internal sealed class FileBatch : IDisposable
{
    private const string Part = ".part";
    private const int MostFiles = 512;
    private const long MostBytes = 256L << 20;
    private const int FewFiles = 4;
    // No transfer of one file takes so long: whoever wrote it was killed.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private readonly string _temporaryFolder;
    private readonly Lock _gate = new();
    private readonly List<(string Temporary, string Target)> _pending = [];
    private readonly HashSet<string> _folders = [];
    private long _bytes;

    /// <param name="temporaryFolder">Where files lie until they are whole: on the file system of the targets. Made where it's absent; what killed programs left in it goes after a day.</param>
    public FileBatch(string temporaryFolder)
    {
        Directory.CreateDirectory(_temporaryFolder = temporaryFolder);
        foreach (var left in new DirectoryInfo(temporaryFolder).EnumerateFiles("*" + Part).Where(f => DateTime.UtcNow - f.LastWriteTimeUtc > Abandoned)) DurableFile.Discard(left.FullName);
    }

    /// <summary>A name to write to.</summary>
    public string NewTemporary() => Path.Combine(_temporaryFolder, $"{Guid.NewGuid():N}{Part}");

    /// <summary>The file is written: it gets its name with the next flush.</summary>
    public void Add(string temporary, string target, long bytes)
    {
        lock (_gate)
        {
            _pending.Add((temporary, target));
            _bytes += bytes;
            if (_pending.Count >= MostFiles || _bytes >= MostBytes) FlushPending();
        }
    }

    /// <summary>Returns once all files that were added are there for good.</summary>
    public void Flush()
    {
        lock (_gate) FlushPending();
    }

    /// <summary>Discards what wasn't flushed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (temporary, _) in _pending) DurableFile.Discard(temporary);
            _pending.Clear();
        }
    }

    private void FlushPending()
    {
        if (_pending.Count == 0) return;
        if (_pending.Count <= FewFiles || !FileLink.TryFlushFileSystem(_temporaryFolder))
        {
            foreach (var (temporary, _) in _pending) FlushFile(temporary);
        }
        var done = 0;
        try
        {
            foreach (var (temporary, target) in _pending)
            {
                var folder = Path.GetDirectoryName(target)!;
                if (_folders.Add(folder)) Directory.CreateDirectory(folder);
                FileLink.Rename(temporary, target);
                done++;
            }
        }
        finally
        {
            if (done <= FewFiles || !FileLink.TryFlushFileSystem(_temporaryFolder))
            {
                foreach (var folder in _pending.Take(done).Select(p => Path.GetDirectoryName(p.Target)!).Distinct()) DurableFile.FlushFolder(folder);
            }
            _pending.RemoveRange(0, done);
            _bytes = 0;
        }
    }

    // A symbolic link has nothing to flush, and its target is flushed already.
    private static void FlushFile(string path)
    {
        if (OperatingSystem.IsWindows() || FileState.Of(path, follow: false) is not { Kind: FileKind.Regular, Links: 1 }) return;
        using var file = File.OpenHandle(path);
        RandomAccess.FlushToDisk(file);
    }
}
