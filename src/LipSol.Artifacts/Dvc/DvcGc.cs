using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>What could be removed, or was.</summary>
/// <param name="Where">The cache's folder or the remote.</param>
/// <param name="Contents">Contents that nothing refers to.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Kept">Contents that something refers to.</param>
/// <param name="TooNew">Contents that nothing refers to yet, but are newer than was asked for: someone may be about to commit what refers to them.</param>
/// <param name="Unknown">Versions whose listing is nowhere to be found: their files can't be told from others, and may be among <paramref name="Contents"/>.</param>
public sealed record UnusedContents(string Where, IReadOnlyList<string> Contents, long Bytes, int Kept, int TooNew, IReadOnlyList<string> Unknown)
{
    internal IReadOnlyCollection<DvcObject> Objects { get; init; } = [];

    internal UnusedSearch Search { get; init; } = new([], null, false, false);
}

/// <summary>What was asked for.</summary>
internal sealed record UnusedSearch(IReadOnlyCollection<string> AlsoUsed, string? Remote, bool OnRemote, bool AllCommits);

/// <summary>Removes contents that no version refers to any more.</summary>
public static class DvcGc
{
    /// <summary>Finds what nothing refers to: neither the workspace nor what is staged, nor any branch, tag, stash or work tree, nor <paramref name="alsoUsed"/>. Removes nothing.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="alsoUsed">Hashes that runs and model versions name.</param>
    /// <param name="remote">Look at this remote instead of the cache.</param>
    /// <param name="onRemote">Whether a remote is meant: with no name, the default one.</param>
    /// <param name="allCommits">Keep what any commit refers to that branches and tags lead back to, not only their latest.</param>
    /// <param name="minimumAge">Leave what is newer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">The repository or remote can't be read.</exception>
    public static async Task<UnusedContents> FindAsync(DvcRepository repository, IReadOnlyCollection<string> alsoUsed, string? remote, bool onRemote, bool allCommits, TimeSpan minimumAge, CancellationToken cancellationToken = default)
    {
        IObjectRemote? opened = null;
        try
        {
            if (onRemote) opened = RemoteSelection.Open(repository, remote);
            var used = await UsedContents.FindAsync(repository, allCommits, alsoUsed, () => opened ??= HasRemote(repository) ? RemoteSelection.Open(repository, null) : null, cancellationToken);
            var before = repository.Time.GetUtcNow() - minimumAge;
            var unused = new List<DvcObject>();
            int kept = 0, tooNew = 0;
            long bytes = 0;
            await foreach (var (content, size, at) in onRemote ? opened!.AllAsync(cancellationToken) : Cached(repository))
            {
                if (used.Contains(content)) kept++;
                else if (at > before) tooNew++;
                else
                {
                    unused.Add(content);
                    bytes += size;
                }
            }
            return new UnusedContents(onRemote ? opened!.Name : repository.Cache.Root, [.. unused.Select(u => u.Hash)], bytes, kept, tooNew, used.Unknown) { Objects = unused, Search = new UnusedSearch(alsoUsed, remote, onRemote, allCommits) };
        }
        finally
        {
            opened?.Dispose();
        }
    }

    /// <summary>Removes what was found, except what something refers to by now; returns how many that were. Listings go first: a folder whose listing is there stays complete.</summary>
    /// <exception cref="DvcException">It can't be removed.</exception>
    public static async Task<int> RemoveAsync(DvcRepository repository, UnusedContents unused, CancellationToken cancellationToken = default)
    {
        await using var held = repository.Lock();
        var search = unused.Search;
        using var opened = search.OnRemote ? RemoteSelection.Open(repository, search.Remote) : null;
        var used = await UsedContents.FindAsync(repository, search.AllCommits, search.AlsoUsed, () => opened, cancellationToken);
        var removed = 0;
        foreach (var stage in unused.Objects.Where(o => !used.Contains(o)).GroupBy(o => o.IsFolder).OrderByDescending(g => g.Key))
        {
            var contents = stage.ToArray();
            removed += contents.Length;
            if (opened is not null)
            {
                await opened.RemoveAsync(contents, cancellationToken);
                continue;
            }
            foreach (var content in contents)
            {
                cancellationToken.ThrowIfCancellationRequested();
                repository.Cache.Remove(content);
            }
        }
        return removed;
    }

    private static bool HasRemote(DvcRepository repository) => repository.Config.Find("core", "remote") is not null;

    private static async IAsyncEnumerable<RemoteObject> Cached(DvcRepository repository)
    {
        foreach (var (content, size, at) in repository.Cache.All()) yield return new RemoteObject(content, size, at);
        await Task.CompletedTask;
    }
}
