using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>How what lies in the workspace stands to the version that its <c>.dvc</c> file names.</summary>
public enum VersionState
{
    /// <summary>It's that version.</summary>
    Unchanged,

    /// <summary>It's another content.</summary>
    Modified,

    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>No version was made yet.</summary>
    New,

    /// <summary>LipSol leaves it alone.</summary>
    Unsupported,
}

/// <summary>The state of one file or folder.</summary>
/// <param name="Path">It, relative to the repository.</param>
/// <param name="DvcFile">Its <c>.dvc</c> file, likewise.</param>
/// <param name="State">How it stands.</param>
/// <param name="Hash">The version that the <c>.dvc</c> file names.</param>
/// <param name="InCache">Whether the cache has that version (of a folder: its listing and all files).</param>
/// <param name="Changes">Of a changed folder whose listing is in the cache: its files that differ.</param>
/// <param name="Note">Why it's left alone.</param>
public sealed record VersionStatus(string Path, string DvcFile, VersionState State, string? Hash, bool InCache, IReadOnlyList<ChangedFile> Changes, string? Note);

/// <summary>Compares the workspace with its <c>.dvc</c> files.</summary>
public static class DvcStatus
{
    /// <summary>The state of what the paths name, of everything without.</summary>
    /// <exception cref="DvcException">A path names nothing that is versioned; something can't be read.</exception>
    public static IReadOnlyList<VersionStatus> Read(DvcRepository repository, IReadOnlyCollection<string>? paths = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var states = repository.Outputs(paths).Select(o => Of(repository, o, progress, cancellationToken)).ToArray();
        repository.Index.Save();
        return states;
    }

    /// <summary>How many contents of each version a remote lacks, by the path relative to the repository. Of a folder whose listing isn't in the cache only the listing is asked for.</summary>
    /// <exception cref="DvcException">The remote can't be asked.</exception>
    public static async Task<IReadOnlyDictionary<string, int>> MissingOnRemoteAsync(DvcRepository repository, IReadOnlyCollection<string>? paths, string? remote, CancellationToken cancellationToken = default)
    {
        var lacking = new Dictionary<string, int>(StringComparer.Ordinal);
        var outputs = repository.Outputs(paths).Where(o => o.Output is { IsCached: true, IsPushed: true, Object: not null } && !o.File.IsImport);
        foreach (var (opened, group) in VersionContents.ByRemote(repository, remote, outputs))
        {
            foreach (var output in group)
            {
                var content = output.Output.Object!.Value;
                var all = content.IsFolder && repository.Cache.Has(content) ? VersionContents.Of(content, repository.Cache.Listing(content)).Append(content).Distinct().ToArray() : [content];
                lacking[repository.Relative(output.Path)] = (await opened.MissingAsync(all, cancellationToken)).Count;
            }
        }
        return lacking;
    }

    private static VersionStatus Of(DvcRepository repository, TrackedOutput tracked, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        VersionStatus Status(VersionState state, bool inCache = false, IReadOnlyList<ChangedFile>? changes = null, string? note = null) =>
            new(repository.Relative(tracked.Path), repository.Relative(tracked.DvcFilePath), state, tracked.Output.Hash, inCache, changes ?? [], note);

        if (tracked.Output.Unsupported is { } reason) return Status(VersionState.Unsupported, note: reason);
        if (tracked.Output.Object is not { } content) return Status(VersionState.New);
        var state = WorkspaceState.Read(repository, tracked.Path, content.Legacy, progress, cancellationToken);
        var isHere = repository.Cache.Has(content);
        // What is unchanged has told its listing already.
        var listing = content.IsFolder && isHere ? state?.Content == content ? state.Listing : repository.Cache.Listing(content) : null;
        var inCache = isHere && (listing is null || repository.Cache.HasAll(VersionContents.Of(content, listing)));
        if (state is null) return Status(VersionState.Missing, inCache);
        if (state.Content == content) return Status(VersionState.Unchanged, inCache);
        return Status(VersionState.Modified, inCache, listing is not null && state.Listing is { } now ? ChangedFile.Between(listing, now) : []);
    }
}
