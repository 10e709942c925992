using System.Buffers;
using System.Runtime.Versioning;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>The contents of all versions on this machine, laid out as DVC's cache: <c>files/md5/xx/yyyy…</c>, of DVC 2 <c>xx/yyyy…</c>, mode 0444.</summary>
/// <remarks>Several processes may use one at once. Files are written to <c>tmp/</c> first; what a killed process left there is removed after a day.</remarks>
internal sealed class DvcCache
{
    private const int FewFiles = 16;
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);
    private readonly HashIndex _index;
    private readonly UnixFileMode _mode;
    private volatile bool _cannotReflink;

    public DvcCache(string root, IReadOnlyList<LinkKind> links, HashIndex index, TimeProvider time)
    {
        (Root, Links, _index, Time) = (root, links, index, time);
        _mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (Directory.Exists(TemporaryFolder)) RemoveLeftovers();
    }

    public string Root { get; }

    /// <summary>The kinds of links to try, in this order.</summary>
    public IReadOnlyList<LinkKind> Links { get; }

    public TimeProvider Time { get; }

    private string TemporaryFolder => Path.Combine(Root, "tmp");

    /// <summary>Files of the cache that appear together.</summary>
    public FileBatch Batch() => new(TemporaryFolder);

    public string PathOf(DvcObject content) => Path.Combine(Root, content.Key.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Whether it's there; its content isn't looked at.</summary>
    public bool Has(DvcObject content) => File.Exists(PathOf(content));

    /// <summary>Whether all of them are there. Of many, the names in their folders are read, instead of asking for each.</summary>
    public bool HasAll(IEnumerable<DvcObject> contents)
    {
        foreach (var group in contents.GroupBy(c => Path.GetDirectoryName(PathOf(c))!))
        {
            var wanted = group.ToArray();
            if (wanted.Length < FewFiles)
            {
                if (!wanted.All(Has)) return false;
                continue;
            }
            if (!Directory.Exists(group.Key)) return false;
            var names = Directory.EnumerateFiles(group.Key).Select(f => Path.GetFileName(f)).ToHashSet(StringComparer.Ordinal);
            if (!wanted.All(w => names.Contains(w.Hash[2..]))) return false;
        }
        return true;
    }

    /// <summary>Whether it's there and whole. What isn't stays until something whole takes its place: it may be all that there is. Read only where the index doesn't know the file as it is.</summary>
    public bool HasWhole(DvcObject content, CancellationToken cancellationToken)
    {
        var path = PathOf(content);
        if (FileState.Of(path) is not { Kind: FileKind.Regular } state) return false;
        var known = _index.Find(path, state, content.Legacy);
        if (known is null)
        {
            var readAt = Time.GetUtcNow();
            known = FileHasher.Hash(path, content.Legacy, cancellationToken);
            if (FileState.Of(path) == state) _index.Set(path, state, content.Legacy, known, readAt);
        }
        return content.Hash.StartsWith(known, StringComparison.Ordinal);
    }

    /// <summary>Puts a file's content in, which has to hash to <paramref name="expected"/> where that is given; returns its hash and whether it was new.</summary>
    /// <exception cref="DvcException">The file's content is another one.</exception>
    public (string Hash, bool Added) Put(string source, bool legacy, string? expected, FileBatch batch, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var temporary = batch.NewTemporary();
        try
        {
            string hash;
            if (TryReflink(source, temporary))
            {
                hash = FileHasher.Hash(temporary, legacy, cancellationToken);
                progress?.Report(new FileInfo(temporary).Length);
            }
            else
            {
                using var from = Open(source);
                hash = Receive(temporary, legacy, from, progress, cancellationToken);
            }
            if (expected is not null && hash != expected) throw new DvcException($"{source} changed while it was read. Wait until nothing writes to it, and do it again.");
            // A damaged one that is there gives way: what is put is good.
            return (hash, Publish(temporary, new DvcObject(hash, legacy), batch, replace: !HasWhole(new DvcObject(hash, legacy), cancellationToken)));
        }
        catch
        {
            DurableFile.Discard(temporary);
            throw;
        }
    }

    /// <summary>Puts bytes in: a folder's listing.</summary>
    public void PutBytes(DvcObject content, ReadOnlySpan<byte> bytes, FileBatch batch)
    {
        var temporary = batch.NewTemporary();
        File.WriteAllBytes(temporary, bytes);
        Publish(temporary, content, batch);
    }

    /// <summary>Puts in what a remote sends, once its hash is right.</summary>
    /// <param name="content">What it has to be.</param>
    /// <param name="fetch">Writes the content to a stream.</param>
    /// <param name="from">Who sends it, for messages.</param>
    /// <param name="batch">Where it's added.</param>
    /// <exception cref="DvcException">What came isn't what its hash says; nothing was kept.</exception>
    public async Task ReceiveAsync(DvcObject content, Func<Stream, Task> fetch, string from, FileBatch batch)
    {
        var temporary = batch.NewTemporary();
        try
        {
            string found;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false))
            await using (var hashing = new HashingStream(file, content.Legacy))
            {
                await fetch(hashing);
                found = hashing.Finish();
            }
            if (!content.Hash.StartsWith(found, StringComparison.Ordinal))
                throw new DvcException($"{content.Hash} of {from} is damaged: its content has the MD5 {found}. Push it again with --verify from where it's whole; nothing here was replaced.");
            Publish(temporary, content, batch, replace: true);
        }
        catch
        {
            DurableFile.Discard(temporary);
            throw;
        }
    }

    /// <summary>A folder's listing.</summary>
    /// <exception cref="DvcException">It isn't here, or is damaged.</exception>
    public FolderListing Listing(DvcObject folder)
    {
        var path = PathOf(folder);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DvcException($"The listing {folder.Hash} isn't in the cache. `lipsol data pull` fetches it.", e);
        }
        if (!folder.Hash.StartsWith(ArtifactHash.Of(bytes), StringComparison.Ordinal))
        {
            Remove(folder);
            throw new DvcException($"The listing {folder.Hash} in the cache was damaged and is removed. `lipsol data pull` fetches it again.");
        }
        try
        {
            return FolderListing.Parse(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new DvcException($"The listing {folder.Hash} isn't one of a folder: {e.Message}", e);
        }
    }

    /// <summary>Takes it out. Links to it in workspaces keep their content, symbolic ones excepted.</summary>
    public void Remove(DvcObject content)
    {
        var path = PathOf(content);
        if (OperatingSystem.IsWindows() && File.Exists(path)) File.SetAttributes(path, FileAttributes.Normal);
        File.Delete(path);
    }

    /// <summary>All contents, with their sizes and when they came.</summary>
    public IEnumerable<(DvcObject Content, long Size, DateTimeOffset At)> All() => ObjectFolder.All(Root);

    /// <summary>Writes a file of the workspace to <paramref name="temporary"/>, by the first kind of link that works. The content is whole: of a copy it's seen to here, of links the caller saw to it.</summary>
    /// <exception cref="DvcException">It's damaged.</exception>
    public void Materialise(DvcObject content, string temporary, CancellationToken cancellationToken)
    {
        var source = PathOf(content);
        // As in DVC: an empty file is never a link, of which a file system allows too few.
        if (new FileInfo(source).Length == 0)
        {
            File.WriteAllBytes(temporary, []);
            return;
        }
        foreach (var kind in Links.Append(LinkKind.Copy))
        {
            switch (kind)
            {
                case LinkKind.Reflink when TryReflink(source, temporary):
                case LinkKind.Hardlink when FileLink.TryHardlink(source, temporary):
                    return;
                case LinkKind.Symlink:
                    File.CreateSymbolicLink(temporary, source);
                    return;
                case LinkKind.Copy:
                    using (var from = Open(source))
                    {
                        var found = Receive(temporary, content.Legacy, from, null, cancellationToken);
                        if (content.Hash.StartsWith(found, StringComparison.Ordinal)) return;
                    }
                    Remove(content);
                    throw new DvcException($"{content.Hash} in the cache was damaged and is removed. `lipsol data pull` fetches it again.");
            }
        }
    }

    // A file system that can't will not learn it within one command.
    private bool TryReflink(string source, string target) => !_cannotReflink && !(_cannotReflink = !FileLink.TryReflink(source, target));

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private static string Receive(string target, bool legacy, Stream from, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var hasher = new FileHasher(legacy);
        var buffer = ArrayPool<byte>.Shared.Rent(FileHasher.BlockSize);
        try
        {
            for (int read; (read = from.Read(buffer)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hasher.Append(buffer.AsSpan(0, read));
                file.Write(buffer, 0, read);
                progress?.Report(read);
            }
            return hasher.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // What is there already stays, unless it's truncated, or known to be damaged.
    private bool Publish(string temporary, DvcObject content, FileBatch batch, bool replace = false)
    {
        var size = new FileInfo(temporary).Length;
        var path = PathOf(content);
        if (!replace && new FileInfo(path) is { Exists: true } there && there.Length == size)
        {
            DurableFile.Discard(temporary);
            return false;
        }
        Protect(temporary);
        if (FileState.Of(temporary) is { } state) _index.SetOwn(path, state, content.Legacy, content.Hash[..32]);
        batch.Add(temporary, path, size);
        return true;
    }

    private void Protect(string path)
    {
        if (!OperatingSystem.IsWindows()) SetMode(path);
    }

    [UnsupportedOSPlatform("windows")]
    private void SetMode(string path) => File.SetUnixFileMode(path, _mode);

    private void RemoveLeftovers()
    {
        var before = (Time.GetUtcNow() - LeftoverAge).UtcDateTime;
        foreach (var file in new DirectoryInfo(TemporaryFolder).EnumerateFiles("*.part"))
            if (file.LastWriteTimeUtc < before) DurableFile.Discard(file.FullName);
    }
}
