using System.Runtime.CompilerServices;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Remotes;

/// <summary>A remote that is a folder: on another disk, or one that several machines mount.</summary>
internal sealed class FolderRemote : IObjectRemote
{
    private const string NoteSuffix = ".json";
    private readonly string _root;
    private readonly Lazy<FileBatch> _batch;

    /// <param name="root">The folder. It's made when something is sent for the first time, where the one above it is there: a drive that isn't mounted is noticed so.</param>
    public FolderRemote(string root)
    {
        _root = root;
        _batch = new Lazy<FileBatch>(() => new FileBatch(Path.Combine(root, "tmp")));
    }

    public string Name => _root;

    public Task RequireAsync(CancellationToken cancellationToken) => Directory.Exists(_root) ? Task.CompletedTask : Task.FromException(Unreachable(null));

    public Task<IReadOnlyDictionary<DvcObject, long>> SizesAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken) => Task.Run<IReadOnlyDictionary<DvcObject, long>>(() =>
    {
        if (!Directory.Exists(_root) && !Directory.Exists(Path.GetDirectoryName(_root))) throw Unreachable(null);
        var sizes = new System.Collections.Concurrent.ConcurrentDictionary<DvcObject, long>();
        InParallel.ForEach(contents, c =>
        {
            if (new FileInfo(PathOf(c)) is { Exists: true } file) sizes[c] = file.Length;
        }, cancellationToken);
        return sizes;
    }, cancellationToken);

    public Task PutAsync(DvcObject content, string file, IProgress<long> progress, CancellationToken cancellationToken) => Guarded(async () =>
    {
        var batch = _batch.Value;
        var temporary = batch.NewTemporary();
        try
        {
            string found;
            long size;
            await using (var from = Open(file))
            await using (var to = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            await using (var hashing = new HashingStream(to, content.Legacy))
            {
                await CopyAsync(from, hashing, progress, cancellationToken);
                found = hashing.Finish();
                size = to.Length;
            }
            if (!content.Hash.StartsWith(found, StringComparison.Ordinal)) throw new DvcException($"{content.Hash} in the cache is damaged (its content has the MD5 {found}) and wasn't sent. Delete {file}, and add or pull it again.");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            batch.Add(temporary, PathOf(content), size);
        }
        catch
        {
            DurableFile.Discard(temporary);
            throw;
        }
    });

    public Task FlushAsync(CancellationToken cancellationToken) => Guarded(() => Task.Run(() =>
    {
        if (_batch.IsValueCreated) _batch.Value.Flush();
    }, cancellationToken));

    public Task GetAsync(DvcObject content, Stream target, IProgress<long> progress, CancellationToken cancellationToken) => Guarded(async () =>
    {
        FileStream from;
        try
        {
            from = Open(PathOf(content));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Directory.Exists(_root) ? new DvcException($"{content.Hash} isn't in {_root}. Push it from where it is.", e) : Unreachable(e);
        }
        await using (from) await CopyAsync(from, target, progress, cancellationToken);
    });

    public async IAsyncEnumerable<RemoteObject> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_root)) throw Unreachable(null);
        foreach (var (content, size, at) in ObjectFolder.All(_root))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new RemoteObject(content, size, at);
        }
        await Task.CompletedTask;
    }

    public Task RemoveAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken) => Task.Run(() =>
    {
        foreach (var content in contents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.Delete(PathOf(content));
        }
    }, cancellationToken);

    public async Task<int> PurgeAsync(IReadOnlyCollection<DvcObject> contents, CancellationToken cancellationToken)
    {
        var there = await SizesAsync(contents, cancellationToken);
        await Guarded(() => RemoveAsync([.. there.Keys], cancellationToken));
        return there.Count;
    }

    public async Task<IReadOnlyDictionary<string, byte[]>> NotesAsync(string folder, CancellationToken cancellationToken)
    {
        var notes = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await Guarded(async () =>
        {
            if (!Directory.Exists(NotesIn(folder))) return;
            foreach (var file in Directory.EnumerateFiles(NotesIn(folder), "*" + NoteSuffix))
            {
                try
                {
                    notes[Path.GetFileNameWithoutExtension(file)] = await File.ReadAllBytesAsync(file, cancellationToken);
                }
                catch (FileNotFoundException)
                {
                    // Someone took it away a moment ago.
                }
            }
        });
        return notes;
    }

    public Task PutNoteAsync(string folder, string name, byte[] content, CancellationToken cancellationToken) => Guarded(() => Task.Run(() =>
    {
        if (!Directory.Exists(_root) && !Directory.Exists(Path.GetDirectoryName(_root))) throw Unreachable(null);
        DurableFile.Replace(Path.Combine(Directory.CreateDirectory(NotesIn(folder)).FullName, name + NoteSuffix), content);
    }, cancellationToken));

    public Task RemoveNoteAsync(string folder, string name, CancellationToken cancellationToken) => Guarded(() => Task.Run(() =>
    {
        if (Directory.Exists(NotesIn(folder))) File.Delete(Path.Combine(NotesIn(folder), name + NoteSuffix));
    }, cancellationToken));

    public void Dispose()
    {
        if (_batch.IsValueCreated) _batch.Value.Dispose();
    }

    private string NotesIn(string folder) => Path.Combine(_root, "lipsol", folder);

    private string PathOf(DvcObject content) => Path.Combine(_root, content.Key.Replace('/', Path.DirectorySeparatorChar));

    private DvcException Unreachable(Exception? inner) => new($"There is no folder {_root}, where the remote should be. Mount its drive, or correct its url in .dvc/config.", inner);

    private async Task Guarded(Func<Task> body)
    {
        try
        {
            await body();
        }
        catch (IOException e) when (DurableFile.IsDiskFull(e))
        {
            throw new DvcException($"The disk of {_root} (or of this machine) is full. Free some space, and do it again: what is there already isn't sent twice.", e);
        }
        catch (IOException e)
        {
            throw new DvcException($"The remote {_root} can't be used: {e.Message} Mount its drive, or name another folder.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DvcException($"{_root} may not be read or written by this user: {e.Message}", e);
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private static async Task CopyAsync(FileStream from, Stream to, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(FileHasher.BlockSize);
        try
        {
            for (int read; (read = from.Read(buffer)) > 0;)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                progress.Report(read);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
