using LipSol.Artifacts.Files;

namespace LipSol.Artifacts.Dvc;

/// <summary>What lies in the workspace where a versioned file or folder belongs, with the hash of every file; files that haven't changed since they were last hashed aren't read.</summary>
internal sealed class WorkspaceState
{
    private WorkspaceState(bool isFolder, IReadOnlyList<ScannedFile> files, string[] hashes, bool legacy)
    {
        (IsFolder, Files, Hashes) = (isFolder, files, hashes);
        Listing = isFolder ? FolderListing.Of(files.Select((f, i) => new FolderEntry(hashes[i], f.RelativePath))) : null;
        Content = new DvcObject(Listing is null ? hashes[0] : Listing.Hash, legacy);
    }

    public bool IsFolder { get; }

    public IReadOnlyList<ScannedFile> Files { get; }

    /// <summary>Hashes of <see cref="Files"/>, in their order.</summary>
    public IReadOnlyList<string> Hashes { get; }

    /// <summary>The folder's listing; null for a file.</summary>
    public FolderListing? Listing { get; }

    public DvcObject Content { get; }

    public long Size => Files.Sum(f => f.State.Size);

    /// <summary>Hashes what is there; null where nothing is.</summary>
    public static WorkspaceState? Read(DvcRepository repository, string path, bool legacy, IProgress<TransferProgress>? progress, CancellationToken cancellationToken) =>
        Read(repository, path, legacy, hash: null, progress, cancellationToken);

    /// <summary>As <see cref="Read(DvcRepository, string, bool, IProgress{TransferProgress}?, CancellationToken)"/>, with another way of hashing files that the index doesn't know, or knows (its second argument).</summary>
    public static WorkspaceState? Read(DvcRepository repository, string path, bool legacy, Func<ScannedFile, string?, IProgress<long>, string>? hash, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (FileState.Of(path, follow: false) is not { } own) return null;
        var isFolder = own.Kind == FileKind.Folder;
        var files = isFolder ? WorkspaceScan.Folder(path, Excluded(repository, path), cancellationToken) : [WorkspaceScan.File(path, Path.GetFileName(path))];
        var hashes = new string[files.Count];
        var count = new TransferCount(progress, files.Count, files.Sum(f => f.State.Size));
        InParallel.For(files.Count, i =>
        {
            var file = files[i];
            var known = repository.Index.Find(file.Path, file.State, legacy);
            if (known is null || hash is not null)
            {
                var readAt = repository.Time.GetUtcNow();
                var read = hash is null ? FileHasher.Hash(file.Path, legacy, cancellationToken) : hash(file, known, count);
                if (known is null)
                {
                    if (FileState.Of(file.Path) != file.State) throw new DvcException($"{file.Path} changed while it was read. Wait until nothing writes to it, and do it again.");
                    repository.Index.Set(file.Path, file.State, legacy, read, readAt);
                }
                known = read;
            }
            hashes[i] = known;
            count.Finished(file.State.Size);
        }, cancellationToken);
        if (isFolder) repository.Index.Prune(path, files.Select(f => f.RelativePath).ToHashSet(StringComparer.Ordinal));
        return new WorkspaceState(isFolder, files, hashes, legacy);
    }

    // Only where such a file says something is git asked what it excludes.
    private static IReadOnlySet<string> Excluded(DvcRepository repository, string folder)
    {
        for (var above = Path.GetDirectoryName(folder); above is not null && (above == repository.Root || DvcRepository.IsBelow(above, repository.Root)); above = Path.GetDirectoryName(above))
        {
            var file = Path.Combine(above, ".dvcignore");
            if (!File.Exists(file) || File.ReadLines(file).All(l => string.IsNullOrWhiteSpace(l) || l.TrimStart().StartsWith('#'))) continue;
            return repository.Git?.ExcludedByDvcIgnore(folder) ?? throw new DvcException($"{file} excludes files, which only git can tell, and this repository is used without (core.no_scm). Run `git init`, or empty that file.");
        }
        return new HashSet<string>();
    }
}
