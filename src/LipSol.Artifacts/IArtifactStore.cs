namespace LipSol.Artifacts;

/// <summary>Immutable content, addressed by its hash in DVC 3's way: a file by the MD5 of its bytes, a folder by that of its listing plus <c>.dir</c>.</summary>
/// <remarks>
/// Putting the same content twice, by any number of processes at once, stores it once. Content is visible whole or not at all.
/// A put that returned survives a power cut (where the store is a folder: file and directory entry were flushed).
/// </remarks>
public interface IArtifactStore
{
    /// <summary>Stores bytes; returns their hash.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left; nothing was stored.</exception>
    Task<string> PutBytesAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Stores a copy of a file; returns its hash.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left; nothing was stored.</exception>
    Task<string> PutFileAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Stores a folder with all files below it (empty folders are left out, links are followed); returns its hash, which ends with <c>.dir</c>.</summary>
    /// <exception cref="ArtifactStoreFullException">No space left. Files stored before stay, the folder isn't there.</exception>
    Task<string> PutFolderAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Opens a file artifact, or a folder's listing, for reading.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="verify">Read all of it first and compare its hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ArtifactNotFoundException">Not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">The content isn't what its hash says (only with <paramref name="verify"/>).</exception>
    Task<Stream> OpenReadAsync(string hash, bool verify = false, CancellationToken cancellationToken = default);

    /// <summary>Whether it's there. A folder is there when its listing is.</summary>
    Task<bool> ExistsAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>Writes an artifact to <paramref name="target"/>: a file, or a folder with its files. Each file is verified and replaces what was there.</summary>
    /// <exception cref="ArtifactNotFoundException">It, or one of the folder's files, is not in this store.</exception>
    /// <exception cref="ArtifactDamagedException">A content isn't what its hash says.</exception>
    Task MaterialiseAsync(string hash, string target, CancellationToken cancellationToken = default);

    /// <summary>Removes a file artifact; false where it wasn't there. What it is besides (of another run, in a folder) the caller has to know: the store doesn't.</summary>
    /// <exception cref="ArgumentException">It's a folder: its files may be those of others.</exception>
    Task<bool> RemoveAsync(string hash, CancellationToken cancellationToken = default);
}
