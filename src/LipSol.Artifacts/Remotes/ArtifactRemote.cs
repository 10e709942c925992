using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>What a transfer between a store and a remote did.</summary>
/// <param name="Remote">The remote; never a secret.</param>
/// <param name="Transferred">Contents that were sent or fetched.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Present">Contents that were there already.</param>
public sealed record TransferredArtifacts(string Remote, int Transferred, long Bytes, int Present);

/// <summary>A remote for artifacts: the same folder or S3 place that `.dvc` files are shared by, since artifacts are DVC's objects too.</summary>
public sealed class ArtifactRemote : IArtifactSource, IDisposable
{
    private readonly IObjectRemote _remote;

    private ArtifactRemote(IObjectRemote remote) => _remote = remote;

    /// <summary>Where it is, for messages: never a secret.</summary>
    public string Name => _remote.Name;

    /// <summary>One of a repository's remotes, or an address.</summary>
    /// <exception cref="DvcException">There's none of that name.</exception>
    public static ArtifactRemote Open(DvcRepository repository, string? wanted) => new(RemoteSelection.Open(repository, wanted));

    /// <summary>A remote that the settings <c>config</c> and <c>config.local</c> of a folder (or those of the user) name, or an address.</summary>
    /// <exception cref="DvcException">There's none of that name.</exception>
    public static ArtifactRemote Open(string settingsFolder, string? wanted) => new(RemoteSelection.Open(DvcConfig.Load(settingsFolder), settingsFolder, wanted));

    /// <summary>Sends what the remote hasn't got of these, folders with their files. A folder's listing goes last. Interrupted, it goes on where it stopped; a damaged content isn't sent.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="hashes">Files and folders.</param>
    /// <param name="jobs">Transfers at once.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="records">What these are of: written down on the remote before anything is sent, so that no <c>gc</c> takes them away.</param>
    /// <param name="verify">Read what the remote has as well, and send again what is damaged there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArtifactNotFoundException">One of them, or a file of a folder, isn't in the store. Nothing was sent.</exception>
    /// <exception cref="DvcException">The remote can't be reached, or a content is damaged.</exception>
    public async Task<TransferredArtifacts> PushAsync(FolderArtifactStore store, IReadOnlyCollection<string> hashes, int? jobs = null, IProgress<TransferProgress>? progress = null, IReadOnlyCollection<PushRecord>? records = null, bool verify = false, CancellationToken cancellationToken = default)
    {
        store.RequireNotWithheld(hashes);
        HashSet<string> contents = [.. hashes, .. hashes.Where(ArtifactHash.IsFolder).SelectMany(h => store.ReadFolder(h).Entries).Select(e => e.Md5)];
        foreach (var hash in contents)
            if (!store.Exists(hash)) throw new ArtifactNotFoundException(hash, store.Root);
        store.RequireNotWithheld(contents);
        var withdrawn = await WithdrawnContents.ReadAsync(_remote, cancellationToken);
        if (contents.FirstOrDefault(withdrawn.Contains) is { } gone) throw new WithdrawnException($"{gone} is of a person who withdrew, and {Name} doesn't take it back. Nothing was sent. Push a version without them.");
        var sent = await _remote.SendAsync([.. contents.Select(h => new DvcObject(h))], c => store.PathOf(c.Hash), records ?? [], verify, jobs, progress, cancellationToken);
        return new TransferredArtifacts(Name, sent.Count, sent.Values.Sum(), contents.Count - sent.Count);
    }

    /// <summary>Fetches what the store hasn't got of these, folders with their files. Every hash is verified before anything is there; what came whole isn't fetched again.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="hashes">Files and folders.</param>
    /// <param name="verify">Read what is in the store already as well, and fetch again what is damaged.</param>
    /// <param name="jobs">Transfers at once.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DvcException">The remote hasn't got one of them, or can't be reached.</exception>
    public async Task<TransferredArtifacts> PullAsync(FolderArtifactStore store, IReadOnlyCollection<string> hashes, bool verify = false, int? jobs = null, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var roots = hashes.ToHashSet(StringComparer.Ordinal);
        var (fetched, bytes) = await FetchAsync(store, [.. roots.Where(ArtifactHash.IsFolder)], verify, jobs, null, cancellationToken);
        HashSet<string> files = [.. roots.Where(h => !ArtifactHash.IsFolder(h)), .. roots.Where(ArtifactHash.IsFolder).SelectMany(h => store.ReadFolder(h).Entries).Select(e => e.Md5)];
        var (more, moreBytes) = await FetchAsync(store, files, verify, jobs, progress, cancellationToken);
        var folders = roots.Count(ArtifactHash.IsFolder);
        return new TransferredArtifacts(Name, fetched + more, bytes + moreBytes, folders + files.Count - fetched - more);
    }

    /// <inheritdoc/>
    // Readers of a store aren't asynchronous; the thread pool is where all of them run.
    public void Fetch(string hash, FolderArtifactStore store) => Task.Run(() => FetchAsync(store, [hash], verify: false, jobs: 1, null, CancellationToken.None)).GetAwaiter().GetResult();

    /// <summary>Returns where it's there: an unmounted drive is no remote from which everything is gone.</summary>
    /// <exception cref="DvcException">It isn't there, or can't be reached.</exception>
    public Task RequireAsync(CancellationToken cancellationToken = default) => _remote.RequireAsync(cancellationToken);

    /// <summary>What pushes left word of, by the names that these records have there.</summary>
    /// <exception cref="DvcException">The remote can't be reached, or a record is damaged.</exception>
    public Task<IReadOnlyDictionary<string, PushRecord>> RecordsAsync(CancellationToken cancellationToken = default) => PushRecord.ReadAsync(_remote, cancellationToken);

    /// <summary>Takes a push's record away: what nothing else refers to, the next <c>gc</c> may remove. One that isn't there is no error.</summary>
    /// <exception cref="DvcException">The remote can't be reached.</exception>
    public Task ForgetAsync(string id, CancellationToken cancellationToken = default) => _remote.RemoveNoteAsync(PushRecord.Folder, id, cancellationToken);

    /// <summary>Removes contents for good; those that aren't there are no error. Whoever asks has made sure that nothing needs them.</summary>
    /// <exception cref="DvcException">The remote can't be reached.</exception>
    public async Task<int> RemoveAsync(IReadOnlyCollection<string> hashes, CancellationToken cancellationToken = default)
    {
        var wanted = hashes.Distinct().SelectMany(h => new[] { new DvcObject(h), new DvcObject(h, Legacy: true) }).ToArray();
        var missing = (await _remote.MissingAsync(wanted, cancellationToken)).ToHashSet();
        var there = wanted.Where(w => !missing.Contains(w)).ToArray();
        if (there.Length > 0) await _remote.RemoveAsync(there, cancellationToken);
        return there.Length;
    }

    /// <summary>Removes for good what a person withdrew: also earlier versions that the store keeps, and unfinished uploads. The remote remembers the hashes, so that nobody sends it again; records of pushes keep what else they needed. Repeatable.</summary>
    /// <returns>How many contents something was there of.</returns>
    /// <exception cref="DvcException">The remote can't be reached, or doesn't do it.</exception>
    public async Task<int> PurgeAsync(IReadOnlyCollection<string> hashes, CancellationToken cancellationToken = default)
    {
        var gone = hashes.ToHashSet(StringComparer.Ordinal);
        if (gone.Count == 0) return 0;
        await WithdrawnContents.AddAsync(_remote, gone, cancellationToken);
        foreach (var (id, record) in await PushRecord.ReadAsync(_remote, cancellationToken))
        {
            if (!record.Roots.Any(gone.Contains)) continue;
            var roots = record.Roots.Where(r => !gone.Contains(r)).ToHashSet(StringComparer.Ordinal);
            foreach (var folder in record.Roots.Where(r => gone.Contains(r) && ArtifactHash.IsFolder(r))) roots.UnionWith((await FilesAsync(folder, cancellationToken)).Where(f => !gone.Contains(f)));
            await (record with { Roots = [.. roots.Order(StringComparer.Ordinal)] }).WriteAsync(_remote, cancellationToken);
            await ForgetAsync(id, cancellationToken);
        }
        return await _remote.PurgeAsync([.. gone.SelectMany(h => new[] { new DvcObject(h), new DvcObject(h, Legacy: true) })], cancellationToken);
    }

    // Of a folder that isn't there any more, none.
    private async Task<IEnumerable<string>> FilesAsync(string folder, CancellationToken cancellationToken)
    {
        if ((await _remote.SizesAsync([new DvcObject(folder)], cancellationToken)).Count == 0) return [];
        using var listing = new MemoryStream();
        await _remote.GetAsync(new DvcObject(folder), listing, new Sum(_ => { }, null), cancellationToken);
        return FolderListing.Parse(listing.ToArray()).Entries.Select(e => e.Md5);
    }

    /// <inheritdoc/>
    public void Dispose() => _remote.Dispose();

    private async Task<(int Count, long Bytes)> FetchAsync(FolderArtifactStore store, IReadOnlyCollection<string> hashes, bool verify, int? jobs, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var lacking = Files.InParallel.Where(hashes, h => !(verify ? IsWhole(store, h) : store.Exists(h)), cancellationToken);
        if (lacking.Count == 0) return (0, 0);
        store.RequireNotWithheld(lacking);
        // Only whoever looks on needs to know how much it will be.
        var sizes = progress is null ? new Dictionary<DvcObject, long>() : await _remote.SizesAsync([.. lacking.Select(h => new DvcObject(h))], cancellationToken);
        var count = new TransferCount(progress, lacking.Count, sizes.Values.Sum());
        long bytes = 0;
        using var batch = store.Batch();
        try
        {
            await VersionContents.EachAsync(lacking, jobs ?? DvcPush.DefaultJobs, async (hash, cancelled) =>
            {
                var content = new DvcObject(hash);
                await store.ReceiveAsync(hash, target => _remote.GetAsync(content, target, new Sum(b => Interlocked.Add(ref bytes, b), count), cancelled), Name, batch);
                count.Finished(sizes.GetValueOrDefault(content));
            }, cancellationToken);
        }
        finally
        {
            batch.Flush();
        }
        return (lacking.Count, bytes);
    }

    // What is damaged stays until what is fetched takes its place: it may be all that there is.
    private static bool IsWhole(FolderArtifactStore store, string hash)
    {
        if (!store.Exists(hash)) return false;
        using var content = File.OpenRead(store.PathOf(hash));
        return hash.StartsWith(ArtifactHash.Of(content), StringComparison.Ordinal);
    }

    private sealed class Sum(Action<long> add, IProgress<long>? next) : IProgress<long>
    {
        public void Report(long value)
        {
            add(value);
            next?.Report(value);
        }
    }
}
