namespace LipSol.Artifacts.Dvc;

/// <summary>How a versioned file or folder differs between two states of the repository.</summary>
/// <param name="Path">It, relative to the repository.</param>
/// <param name="Change">What became of it.</param>
/// <param name="OldHash">The version before.</param>
/// <param name="NewHash">The version after.</param>
/// <param name="Files">Of a folder whose listings are both in the cache: its files that differ. Else null.</param>
public sealed record ChangedVersion(string Path, FileChange Change, string? OldHash, string? NewHash, IReadOnlyList<ChangedFile>? Files);

/// <summary>Compares versions of two commits, or of a commit and the workspace.</summary>
public static class DvcDiff
{
    /// <summary>What differs.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="from">A commit, branch or tag.</param>
    /// <param name="to">Another; null: what lies in the workspace now.</param>
    /// <param name="progress">How far hashing the workspace is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">There's no such commit.</exception>
    public static IReadOnlyList<ChangedVersion> Run(DvcRepository repository, string from = "HEAD", string? to = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (repository.Git is null) throw DvcException.BadInput("This repository is used without git (core.no_scm), so it has no commits to compare.");
        var before = At(repository, from);
        var after = to is null ? Now(repository, progress, cancellationToken) : At(repository, to);
        var changes = new List<ChangedVersion>();
        foreach (var path in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (was, listingBefore) = before.GetValueOrDefault(path);
            var (now, listingAfter) = after.GetValueOrDefault(path);
            if (was == now) continue;
            listingBefore ??= Listing(repository, was);
            listingAfter ??= Listing(repository, now);
            var files = listingBefore is not null && listingAfter is not null ? ChangedFile.Between(listingBefore, listingAfter) : null;
            changes.Add(new ChangedVersion(path, was is null ? FileChange.Added : now is null ? FileChange.Deleted : FileChange.Modified, was?.Hash, now?.Hash, files));
        }
        repository.Index.Save();
        return changes;
    }

    private static Dictionary<string, (DvcObject? Content, FolderListing? Listing)> At(DvcRepository repository, string revision)
    {
        var git = repository.Git!;
        var commit = git.Resolve(revision) ?? throw DvcException.BadInput(revision == "HEAD" ? "This repository has no commit yet to compare with." : $"git knows no commit, branch or tag {revision}.");
        var files = git.Tree(commit, DvcRepository.IsDvcFile).Where(f => f.Path.EndsWith(DvcFile.Suffix, StringComparison.Ordinal)).ToArray();
        var texts = git.Contents(files.Select(f => f.Id));
        return files.Where(f => texts.ContainsKey(f.Id)).SelectMany(f => TrackedOutput.Of(Path.Combine(git.Root, f.Path), DvcFile.Parse(texts[f.Id], f.Path)))
            .DistinctBy(o => o.Path).ToDictionary(o => repository.Relative(o.Path), o => (o.Output.Object, (FolderListing?)null), StringComparer.Ordinal);
    }

    private static Dictionary<string, (DvcObject? Content, FolderListing? Listing)> Now(DvcRepository repository, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var now = new Dictionary<string, (DvcObject?, FolderListing?)>(StringComparer.Ordinal);
        foreach (var output in repository.Outputs())
        {
            var state = output.Output.Unsupported is null ? WorkspaceState.Read(repository, output.Path, output.Output.Object?.Legacy ?? false, progress, cancellationToken) : null;
            // What isn't here at all was never pulled: that is no change of the version.
            now[repository.Relative(output.Path)] = state is null ? (output.Output.Object, null) : (state.Content, state.Listing);
        }
        return now;
    }

    private static FolderListing? Listing(DvcRepository repository, DvcObject? content) =>
        content is { IsFolder: true } folder && repository.Cache.Has(folder) ? repository.Cache.Listing(folder) : null;
}
