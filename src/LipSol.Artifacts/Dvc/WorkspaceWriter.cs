using System.Collections.Concurrent;
using System.Runtime.Versioning;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>Puts files from the cache into the workspace. Each takes its place whole, over what was there; until then that stays.</summary>
internal sealed class WorkspaceWriter : IDisposable
{
    private readonly DvcRepository _repository;
    private readonly Dictionary<ulong, FileBatch> _batches = [];
    private readonly ConcurrentDictionary<string, bool> _plain = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Path, FileState State, DvcObject Content)> _written = [];
    private readonly Lock _gate = new();

    public WorkspaceWriter(DvcRepository repository) => _repository = repository;

    public void Write(DvcObject content, string target, bool isExecutable, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(target)!;
        RefuseLinks(folder);
        Directory.CreateDirectory(folder);
        var batch = BatchFor(folder);
        var temporary = batch.NewTemporary();
        try
        {
            _repository.Cache.Materialise(content, temporary, cancellationToken);
            if (isExecutable && !OperatingSystem.IsWindows()) MakeExecutable(temporary);
            var state = FileState.Of(temporary) ?? throw new IOException($"{temporary} is gone.");
            batch.Add(temporary, target, state.Size);
            _written.Enqueue((target, state, content));
        }
        catch
        {
            DurableFile.Discard(temporary);
            throw;
        }
    }

    /// <summary>Returns once everything is in its place.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            foreach (var batch in _batches.Values) batch.Flush();
        }
        // What was just written needn't be read to know its hash.
        var now = _repository.Time.GetUtcNow();
        while (_written.TryDequeue(out var file))
            if (FileState.Of(file.Path) is { } state && state == file.State) _repository.Index.Set(file.Path, state, file.Content.Legacy, file.Content.Hash, now);
    }

    public void Dispose()
    {
        foreach (var batch in _batches.Values) batch.Dispose();
    }

    // In .dvc/tmp, where a leftover isn't taken for data; a folder on another file system has its own place, beside it.
    private FileBatch BatchFor(string folder)
    {
        lock (_gate)
        {
            var device = FileState.Of(folder)?.Device ?? 0;
            if (_batches.TryGetValue(device, out var batch)) return batch;
            Directory.CreateDirectory(_repository.TemporaryFolder);
            var own = FileState.Of(_repository.TemporaryFolder)?.Device == device ? Path.Combine(_repository.TemporaryFolder, "files") : Path.Combine(MountOf(folder, device), ".lipsol-tmp");
            return _batches[device] = new FileBatch(own);
        }
    }

    // Through a link to a folder a version could write anywhere.
    private void RefuseLinks(string folder)
    {
        for (; folder != _repository.Root && _plain.TryAdd(folder, true); folder = Path.GetDirectoryName(folder)!)
        {
            if (FileState.Of(folder, follow: false) is not { Kind: FileKind.Link }) continue;
            _plain.TryRemove(folder, out _);
            throw new DvcException($"{folder} is a link, and files of the version belong below it. Remove the link, and do it again.");
        }
    }

    private static string MountOf(string folder, ulong device)
    {
        while (Path.GetDirectoryName(folder) is { } above && FileState.Of(above)?.Device == device) folder = above;
        return folder;
    }

    // A hard link's mode is that of the cache's file, as for DVC.
    [UnsupportedOSPlatform("windows")]
    private static void MakeExecutable(string path) => File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
}
