using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>What could be removed, or was.</summary>
/// <param name="Where">The cache's folder or the remote.</param>
/// <param name="Contents">Contents that nothing refers to.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Kept">Contents that something refers to.</param>
/// <param name="TooNew">Contents that nothing refers to yet, but are newer than was asked for: someone may be about to commit what refers to them.</param>
/// <param name="Unknown">Versions whose listing or manifest couldn't be read: their files can't be told from others, and may be among <paramref name="Contents"/>.</param>
public sealed record UnusedContents(string Where, IReadOnlyList<string> Contents, long Bytes, int Kept, int TooNew, IReadOnlyList<string> Unknown)
{
    internal IReadOnlyCollection<DvcObject> Objects { get; init; } = [];

    /// <summary>Pushes that left word on the remote of what they need there.</summary>
    public int Pushes { get; init; }

    /// <summary>Of these the ones, by their ids and names, of which a listing isn't there: a push that goes on, or was stopped. Which files it needs can't be known.</summary>
    public IReadOnlyDictionary<string, string> Unfinished { get; init; } = new Dictionary<string, string>();

    internal UnusedSearch Search { get; init; } = new(NamedContents.None, null, false, false, TimeSpan.Zero);
}

/// <summary>What something outside of the repository refers to: runs, models and corpora of a node.</summary>
/// <param name="Hashes">All that they name, and all that is named in these.</param>
/// <param name="Unread">Of these the folders and manifests that couldn't be read where they were named: manifests are looked for on the remote.</param>
public sealed record NamedContents(IReadOnlyCollection<string> Hashes, IReadOnlyCollection<string> Unread)
{
    /// <summary>Unread manifests that were made where they were named: they must be somewhere, so where the remote hasn't got them either, what they hold isn't known. Others may never have been here.</summary>
    public IReadOnlyCollection<string> Own { get; init; } = [];

    /// <summary>Nothing.</summary>
    public static NamedContents None { get; } = new([], []);
}

/// <summary>What was asked for.</summary>
internal sealed record UnusedSearch(NamedContents Named, string? Remote, bool OnRemote, bool AllCommits, TimeSpan MinimumAge);

/// <summary>Removes contents that no version refers to any more.</summary>
public static class DvcGc
{
    private const int RemoveAtOnce = 1000;

    /// <summary>Finds what nothing refers to: neither the workspace nor what is staged, nor any branch, tag, stash or work tree, nor what pushes left word of on the remote, nor <paramref name="named"/>. Removes nothing.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="named">What runs, models and corpora refer to.</param>
    /// <param name="remote">Look at this remote instead of the cache.</param>
    /// <param name="onRemote">Whether a remote is meant: with no name, the default one.</param>
    /// <param name="allCommits">Keep what any commit refers to that branches and tags lead back to, not only their latest.</param>
    /// <param name="minimumAge">Leave what is newer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">The repository or remote can't be read.</exception>
    public static async Task<UnusedContents> FindAsync(DvcRepository repository, NamedContents named, string? remote, bool onRemote, bool allCommits, TimeSpan minimumAge, CancellationToken cancellationToken = default)
    {
        IObjectRemote? opened = null;
        try
        {
            var search = new UnusedSearch(named, remote, onRemote, allCommits, minimumAge);
            if (onRemote) opened = RemoteSelection.Open(repository, remote);
            var (used, pushes, _) = await NeededAsync(repository, search, () => opened ??= HasRemote(repository) ? RemoteSelection.Open(repository, null) : null, cancellationToken);
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
            return new UnusedContents(onRemote ? opened!.Name : repository.Cache.Root, [.. unused.Select(u => u.Hash)], bytes, kept, tooNew, used.Unknown) { Objects = unused, Pushes = pushes.Count, Unfinished = Unfinished(repository, search, used, pushes), Search = search };
        }
        finally
        {
            opened?.Dispose();
        }
    }

    /// <summary>Removes what was found, except what something refers to by now; returns how many that were. Listings go first: a folder whose listing is there stays complete.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="unused">What was found.</param>
    /// <param name="named">Asks anew what runs, models and corpora refer to; null: they are as they were.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">It can't be removed; or something came since it was looked for that can't be read yet: nothing was removed.</exception>
    public static async Task<int> RemoveAsync(DvcRepository repository, UnusedContents unused, Func<Task<NamedContents>>? named = null, CancellationToken cancellationToken = default)
    {
        await using var held = repository.Lock();
        var search = unused.Search;
        using var opened = search.OnRemote ? RemoteSelection.Open(repository, search.Remote) : null;
        await using var cleaning = opened is null ? null : await RemoteCleaning.BeginAsync(opened, repository.Time, cancellationToken);
        if (named is not null) search = search with { Named = await named() };
        var (used, pushes, expired) = await NeededAsync(repository, search, () => opened, cancellationToken);
        RequireNothingNew(used.Unknown.Except(unused.Unknown));
        RequireNothingNew(Unfinished(repository, search, used, pushes).ExceptBy(unused.Unfinished.Keys, p => p.Key).Select(p => p.Value));
        var removed = 0;
        foreach (var stage in unused.Objects.Where(o => !used.Contains(o)).GroupBy(o => o.IsFolder).OrderByDescending(g => g.Key))
        {
            foreach (var chunk in stage.Chunk(RemoveAtOnce))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (cleaning is not null) await cleaning.GoOnAsync(cancellationToken);
                removed += chunk.Length;
                if (opened is not null) await opened.RemoveAsync(chunk, cancellationToken);
                else foreach (var content in chunk) repository.Cache.Remove(content);
            }
        }
        if (opened is null) return removed;
        // One that was written anew since counts again.
        foreach (var (id, now) in await PushRecord.ReadAsync(opened, cancellationToken))
            if (expired.TryGetValue(id, out var then) && then.At == now.At) await opened.RemoveNoteAsync(PushRecord.Folder, id, cancellationToken);
        return removed;
    }

    private static void RequireNothingNew(IEnumerable<string> came)
    {
        if (came.FirstOrDefault() is { } unknown) throw new DvcException($"Nothing was removed: {unknown} came meanwhile, and what it holds can't be read yet. Look again.");
    }

    // A push that was stopped long ago is given up: what it sent isn't new any more.
    private static Dictionary<string, string> Unfinished(DvcRepository repository, UnusedSearch search, UsedContents used, IReadOnlyDictionary<string, PushRecord> pushes) =>
        pushes.Where(p => IsNew(repository, search, p.Value) && p.Value.Roots.Any(used.Unlisted.Contains)).ToDictionary(p => p.Key, p => $"the push of {p.Value.Kind} {p.Value.Name}", StringComparer.Ordinal);

    private static bool IsNew(DvcRepository repository, UnusedSearch search, PushRecord record) => record.At > repository.Time.GetUtcNow() - search.MinimumAge;

    private static async Task<(UsedContents Used, IReadOnlyDictionary<string, PushRecord> Pushes, IReadOnlyDictionary<string, PushRecord> Expired)> NeededAsync(DvcRepository repository, UnusedSearch search, Func<IObjectRemote?> remote, CancellationToken cancellationToken)
    {
        var records = search.OnRemote ? await PushRecord.ReadAsync(remote()!, cancellationToken) : new Dictionary<string, PushRecord>();
        var pushes = records.Where(r => !r.Value.Expires || IsNew(repository, search, r.Value)).ToDictionary(StringComparer.Ordinal);
        var (hashes, unread) = search.Named;
        await FetchManifestsAsync(repository, unread, remote, cancellationToken);
        var used = await UsedContents.FindAsync(repository, search.AllCommits, hashes, [.. pushes.Values.SelectMany(p => p.Roots)], remote, cancellationToken);
        // What the caller could read, it has named with all that it holds.
        used.Unknown.RemoveAll(hashes.Except(unread).ToHashSet(StringComparer.Ordinal).Contains);
        used.Unknown.AddRange(search.Named.Own.Where(h => ArtifactHash.IsValid(h) && !repository.Cache.Has(new DvcObject(h))));
        return (used, pushes, records.Where(r => !pushes.ContainsKey(r.Key)).ToDictionary(StringComparer.Ordinal));
    }

    // In the cache they are read like those that are there already.
    private static async Task FetchManifestsAsync(DvcRepository repository, IReadOnlyCollection<string> unread, Func<IObjectRemote?> remote, CancellationToken cancellationToken)
    {
        DvcObject[] lacking = [.. unread.Where(h => ArtifactHash.IsValid(h) && !ArtifactHash.IsFolder(h)).Select(h => new DvcObject(h)).Where(m => !repository.Cache.Has(m))];
        if (lacking.Length == 0 || remote() is not { } opened) return;
        using var batch = repository.Cache.Batch();
        foreach (var manifest in (await opened.SizesAsync(lacking, cancellationToken)).Keys)
            await repository.Cache.ReceiveAsync(manifest, target => opened.GetAsync(manifest, target, new Progress<long>(), cancellationToken), opened.Name, batch);
        batch.Flush();
    }

    private static bool HasRemote(DvcRepository repository) => repository.Config.Find("core", "remote") is not null;

    private static async IAsyncEnumerable<RemoteObject> Cached(DvcRepository repository)
    {
        foreach (var (content, size, at) in repository.Cache.All()) yield return new RemoteObject(content, size, at);
        await Task.CompletedTask;
    }
}
