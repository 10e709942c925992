using System.Buffers;
using System.Security.Cryptography;
using LipSol.Artifacts.Dvc;
using LipSol.Artifacts.Files;

namespace LipSol.Artifacts;

/// <summary>Artifacts in a folder, laid out as DVC 3's cache: <c>files/md5/xx/yyyy…</c>, mode 0444.</summary>
/// <remarks>Many processes may use one folder at once. Writes go to <c>tmp/</c> first; what a killed process left there is removed after a day.</remarks>
public sealed class FolderArtifactStore : IArtifactStore
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);
    private readonly string _objects;
    private readonly string _temporary;

    /// <summary>Opens the store, creating the folder where it's absent.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="time">The clock by which leftovers are old.</param>
    public FolderArtifactStore(string root, TimeProvider? time = null)
    {
        Root = Path.GetFullPath(root);
        _objects = Path.Combine(Root, "files", "md5");
        _temporary = Path.Combine(Root, "tmp");
        Directory.CreateDirectory(_objects);
        Directory.CreateDirectory(_temporary);
        RemoveLeftovers((time ?? TimeProvider.System).GetUtcNow() - LeftoverAge);
    }

    /// <summary>The store's folder.</summary>
    public string Root { get; }

    /// <summary>Where what isn't here is fetched from when it's read; null: from nowhere. What is asked by <see cref="Exists"/> is what is here.</summary>
    public IArtifactSource? Source { get; init; }

    /// <summary>Whether a content was withdrawn by whom it shows: it's neither taken in from a remote nor sent to one; null: none was.</summary>
    public Func<string, bool>? Withheld { get; init; }

    /// <summary>The hashes of all file artifacts that are here; folders aren't among them.</summary>
    public IEnumerable<string> Files() => ObjectFolder.All(Root).Select(o => o.Content).Where(c => c is { Legacy: false, IsFolder: false }).Select(c => c.Hash);

    /// <summary>Stores bytes; returns their hash.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left; nothing was stored.</exception>
    public string PutBytes(ReadOnlySpan<byte> content)
    {
        var hash = ArtifactHash.Of(content);
        Store(content, PathOf(hash));
        return hash;
    }

    /// <summary>Stores a copy of a file; returns its hash.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left; nothing was stored.</exception>
    public string PutFile(string path, CancellationToken cancellationToken = default)
    {
        using var source = File.OpenRead(path);
        var temporary = NewTemporary();
        long size = 0;
        try
        {
            string hash;
            using (var file = Create(temporary))
            {
                (hash, size) = Copy(source, file, cancellationToken);
                if (IsStored(PathOf(hash), size))
                {
                    file.Dispose();
                    DurableFile.Discard(temporary);
                    return hash;
                }
                file.Flush(flushToDisk: true);
            }
            Publish(temporary, PathOf(hash));
            return hash;
        }
        catch (Exception e)
        {
            throw Failed(e, temporary, Math.Max(size, source.Length));
        }
    }

    /// <summary>Stores a folder with all files below it; returns its hash. The listing is stored last: a folder that's there is complete.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left. Files stored before stay, the folder isn't there.</exception>
    public string PutFolder(string path, CancellationToken cancellationToken = default)
    {
        var listing = FolderListing.Of(FolderWalk.Files(path).Select(f => new FolderEntry(PutFile(f.Path, cancellationToken), f.RelativePath)).ToArray());
        return PutListing(listing);
    }

    /// <summary>Stores the listing of a folder whose files are in the store already; returns its hash.</summary>
    /// <exception cref="ArtifactNotFoundException">One of its files isn't.</exception>
    public string PutListing(FolderListing listing)
    {
        foreach (var entry in listing.Entries)
            if (!Exists(entry.Md5)) throw new ArtifactNotFoundException(entry.Md5, Root);
        Store(listing.ToBytes(), PathOf(listing.Hash));
        return listing.Hash;
    }

    /// <summary>Opens a file artifact, or a folder's listing.</summary>
    /// <exception cref="ArtifactNotFoundException">Not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">The content isn't what its hash says (only with <paramref name="verify"/>).</exception>
    public Stream OpenRead(string hash, bool verify = false)
    {
        var file = TryOpen(hash) ?? Fetched(hash) ?? throw new ArtifactNotFoundException(hash, Root);
        if (!verify) return file;
        var found = ArtifactHash.Of(file);
        file.Position = 0;
        if (hash.StartsWith(found, StringComparison.Ordinal)) return file;
        file.Dispose();
        throw new ArtifactDamagedException(hash, PathOf(hash), found);
    }

    /// <summary>The bytes of a file artifact or a folder's listing, verified.</summary>
    /// <exception cref="ArtifactNotFoundException">Not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">The content isn't what its hash says.</exception>
    public byte[] ReadBytes(string hash)
    {
        using var source = OpenRead(hash);
        using var bytes = new MemoryStream((int)source.Length);
        source.CopyTo(bytes);
        var content = bytes.ToArray();
        var found = ArtifactHash.Of(content);
        return hash.StartsWith(found, StringComparison.Ordinal) ? content : throw new ArtifactDamagedException(hash, PathOf(hash), found);
    }

    /// <summary>The files of a folder artifact.</summary>
    /// <exception cref="ArtifactNotFoundException">Not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">The listing isn't what its hash says.</exception>
    public FolderListing ReadFolder(string hash) => ArtifactHash.IsFolder(hash) ? FolderListing.Parse(ReadBytes(hash))
        : throw new ArgumentException($"{hash} is a file, not a folder: a folder's hash ends with {ArtifactHash.FolderSuffix}.", nameof(hash));

    /// <summary>Whether it's there. A folder is there when its listing is.</summary>
    public bool Exists(string hash) => File.Exists(PathOf(hash));

    /// <summary>Where the artifact's bytes lie (whether they are there or not). Read-only: never write to it.</summary>
    public string PathOf(string hash)
    {
        ArtifactHash.Check(hash);
        return Path.Combine(_objects, hash[..2], hash[2..]);
    }

    /// <summary>Writes an artifact to <paramref name="target"/>: a file, or a folder with its files. Each file is verified and replaces what was there.</summary>
    /// <exception cref="ArtifactNotFoundException">It, or one of the folder's files, is not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">A content isn't what its hash says.</exception>
    public void Materialise(string hash, string target, CancellationToken cancellationToken = default)
    {
        if (!ArtifactHash.IsFolder(hash))
        {
            WriteOut(hash, Path.GetFullPath(target), cancellationToken);
            return;
        }
        var listing = ReadFolder(hash);
        Directory.CreateDirectory(target);
        foreach (var entry in listing.Entries) // FolderListing refuses paths that leave the folder
            WriteOut(entry.Md5, Path.GetFullPath(Path.Combine(target, entry.RelativePath)), cancellationToken);
    }

    /// <summary>Removes a file artifact; false where it wasn't there. Who reads it now reads on to its end. What it is besides (of another run, in a folder) the caller has to know.</summary>
    /// <exception cref="ArgumentException">It's a folder: its files may be those of others.</exception>
    public bool Remove(string hash)
    {
        if (ArtifactHash.IsFolder(hash)) throw new ArgumentException($"{hash} is a folder, whose files may be those of others: only files are removed.", nameof(hash));
        var path = PathOf(hash);
        if (!File.Exists(path)) return false;
        if (OperatingSystem.IsWindows()) File.SetAttributes(path, FileAttributes.Normal);
        File.Delete(path);
        return true;
    }

    /// <summary>Removes a folder's listing; its files stay. False where it wasn't there.</summary>
    public bool RemoveListing(string hash)
    {
        if (!ArtifactHash.IsFolder(hash)) throw new ArgumentException($"{hash} is a file, not a folder.", nameof(hash));
        var path = PathOf(hash);
        if (!File.Exists(path)) return false;
        if (OperatingSystem.IsWindows()) File.SetAttributes(path, FileAttributes.Normal);
        File.Delete(path);
        return true;
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string hash, CancellationToken cancellationToken = default) => Task.Run(() => Remove(hash), cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutBytesAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        Task.Run(() => PutBytes(content.Span), cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutFileAsync(string path, CancellationToken cancellationToken = default) =>
        Task.Run(() => PutFile(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutFolderAsync(string path, CancellationToken cancellationToken = default) =>
        Task.Run(() => PutFolder(path, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string hash, bool verify = false, CancellationToken cancellationToken = default) =>
        Task.Run(() => OpenRead(hash, verify), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string hash, CancellationToken cancellationToken = default) => Task.FromResult(Exists(hash));

    /// <inheritdoc/>
    public Task MaterialiseAsync(string hash, string target, CancellationToken cancellationToken = default) =>
        Task.Run(() => Materialise(hash, target, cancellationToken), cancellationToken);

    /// <summary>Stores what a remote sends, once its hash is right; it takes the place of what is here.</summary>
    /// <exception cref="DvcException">What came isn't what its hash says; nothing was kept.</exception>
    internal async Task ReceiveAsync(string hash, Func<Stream, Task> fetch, string from, FileBatch batch)
    {
        RequireNotWithheld([hash]);
        var temporary = batch.NewTemporary();
        try
        {
            string found;
            await using (var file = Create(temporary))
            await using (var hashing = new HashingStream(file, legacy: false))
            {
                await fetch(hashing);
                found = hashing.Finish();
            }
            if (!hash.StartsWith(found, StringComparison.Ordinal))
                throw new DvcException($"{hash} of {from} is damaged: its content has the MD5 {found}. Push it again with --verify from where it's whole; nothing here was replaced.");
            var size = new FileInfo(temporary).Length;
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, ReadOnly);
            batch.Add(temporary, PathOf(hash), size);
        }
        catch (Exception e)
        {
            throw Failed(e, temporary, new FileInfo(temporary) is { Exists: true } received ? received.Length : 0);
        }
    }

    /// <exception cref="WithdrawnException">One of them was withdrawn.</exception>
    internal void RequireNotWithheld(IEnumerable<string> hashes)
    {
        if (Withheld is { } withheld && hashes.FirstOrDefault(withheld) is { } hash) throw new WithdrawnException($"{hash} is of a person who withdrew, and is neither taken in nor sent. `lipsol corpus history NAME` tells the versions without them.");
    }

    /// <summary>Files that appear together.</summary>
    internal FileBatch Batch() => new(_temporary);

    private FileStream? TryOpen(string hash)
    {
        try
        {
            return File.OpenRead(PathOf(hash));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private FileStream? Fetched(string hash)
    {
        if (Source is not { } source) return null;
        try
        {
            source.Fetch(hash, this);
        }
        catch (DvcException e)
        {
            throw new ArtifactNotFoundException(hash, Root, e);
        }
        return TryOpen(hash);
    }

    private void Store(ReadOnlySpan<byte> content, string path)
    {
        if (IsStored(path, content.Length)) return;
        var temporary = NewTemporary();
        try
        {
            using (var file = Create(temporary))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            Publish(temporary, path);
        }
        catch (Exception e)
        {
            throw Failed(e, temporary, content.Length);
        }
    }

    private static (string Hash, long Size) Copy(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            long size = 0;
            for (int read; (read = source.Read(buffer)) > 0; size += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                md5.AppendData(buffer, 0, read);
                destination.Write(buffer, 0, read);
            }
            return (Convert.ToHexStringLower(md5.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteOut(string hash, string target, CancellationToken cancellationToken)
    {
        using var source = OpenRead(hash);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var temporary = $"{target}.{Guid.NewGuid():N}.part";
        try
        {
            string found;
            using (var file = Create(temporary)) (found, _) = Copy(source, file, cancellationToken);
            if (found != hash) throw new ArtifactDamagedException(hash, PathOf(hash), found);
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e)
        {
            DurableFile.Discard(temporary);
            if (e is IOException io && DurableFile.IsDiskFull(io)) throw new ArtifactStoreFullException(Path.GetDirectoryName(target)!, source.Length, e);
            throw;
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);

    private string NewTemporary() => Path.Combine(_temporary, $"{Guid.NewGuid():N}.part");

    // A truncated object (a crash of a store without flushes) has another size and is replaced.
    private static bool IsStored(string path, long size) => new FileInfo(path) is { Exists: true } file && file.Length == size;

    private static void Publish(string temporary, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(temporary, ReadOnly);
        DurableFile.Publish(temporary, path);
    }

    private Exception Failed(Exception error, string temporary, long bytes)
    {
        DurableFile.Discard(temporary);
        return error is IOException io && DurableFile.IsDiskFull(io) ? new ArtifactStoreFullException(Root, bytes, error) : Rethrown(error);
    }

    private static Exception Rethrown(Exception error)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        return error;
    }

    private void RemoveLeftovers(DateTimeOffset before)
    {
        foreach (var file in new DirectoryInfo(_temporary).EnumerateFiles("*.part"))
            if (file.LastWriteTimeUtc < before.UtcDateTime) DurableFile.Discard(file.FullName);
    }
}
