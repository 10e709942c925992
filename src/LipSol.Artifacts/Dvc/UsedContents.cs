using LipSol.Artifacts.Remotes;

namespace LipSol.Artifacts.Dvc;

/// <summary>Everything that something still refers to: the workspace, what is staged, every branch, tag, stash and work tree, and what the caller names (runs and model versions).</summary>
internal sealed class UsedContents
{
    private const long LargestManifest = 256L << 20;
    private readonly HashSet<DvcObject> _used = [];

    private UsedContents()
    {
    }

    /// <summary>Versions whose listing is neither here nor on the remote: what they hold can't be known.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Folders that a push left word of and that aren't on the remote: listings go last.</summary>
    public HashSet<string> Unlisted { get; } = new(StringComparer.Ordinal);

    public bool Contains(DvcObject content) => _used.Contains(content);

    public static async Task<UsedContents> FindAsync(DvcRepository repository, bool allCommits, IReadOnlyCollection<string> alsoUsed, IReadOnlyCollection<string> pushed, Func<IObjectRemote?> remote, CancellationToken cancellationToken)
    {
        var used = new UsedContents();
        foreach (var text in Texts(repository, allCommits)) used.Add(text.Text, text.Name);
        foreach (var hash in alsoUsed.Where(ArtifactHash.IsValid)) used.AddBoth(hash);
        used.AddNamedInside(repository, alsoUsed);
        var named = used._used.ToHashSet();
        foreach (var hash in pushed) used.AddBoth(hash);
        foreach (var folders in used._used.Where(c => c.IsFolder).GroupBy(c => c.Hash).ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isKnown = false;
            foreach (var folder in folders)
            {
                if (await ListingAsync(repository, folder, remote, cancellationToken) is not { } listing) continue;
                used._used.UnionWith(VersionContents.Of(folder, listing));
                isKnown = true;
            }
            if (isKnown) continue;
            if (folders.Any(named.Contains)) used.Unknown.Add(folders.Key);
            else used.Unlisted.Add(folders.Key);
        }
        return used;
    }

    private static IEnumerable<(string Text, string Name)> Texts(DvcRepository repository, bool allCommits)
    {
        foreach (var file in repository.DvcFiles()) yield return (DvcRepository.ReadText(file), repository.Relative(file));
        if (repository.Git is not { } git) yield break;
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var commit in git.Commits(allCommits).Cast<string?>().Append(null))
            foreach (var (path, id) in git.Tree(commit, DvcRepository.IsDvcFile)) names.TryAdd(id, commit is null ? path : $"{path} of commit {commit[..10]}");
        foreach (var (id, text) in git.Contents(names.Keys)) yield return (text, names[id]);
    }

    // Of a .dvc file its outputs. Of dvc.lock, or what can't be read, every MD5 in it: too much is kept rather than too little.
    private void Add(string text, string name)
    {
        if (name.Split(" of commit ")[0].EndsWith(DvcFile.Suffix, StringComparison.Ordinal))
        {
            try
            {
                foreach (var output in DvcFile.Parse(text, name).Outputs)
                    if (output.Hash is { } hash) _used.Add(new DvcObject(hash, output.IsLegacy));
                return;
            }
            catch (DvcException)
            {
                // Taken as text below.
            }
        }
        foreach (var hash in ArtifactHash.NamedIn(text)) AddBoth(hash);
    }

    // A run's data hash is that of a manifest, which names clips by their hashes.
    private void AddNamedInside(DvcRepository repository, IReadOnlyCollection<string> hashes)
    {
        foreach (var hash in hashes.Where(h => ArtifactHash.IsValid(h) && !ArtifactHash.IsFolder(h)))
        {
            var file = new FileInfo(repository.Cache.PathOf(new DvcObject(hash)));
            if (!file.Exists || file.Length is 0 or > LargestManifest) continue;
            using var content = file.OpenText();
            if (content.Peek() is not ('{' or '[')) continue;
            foreach (var named in ArtifactHash.NamedIn(content.ReadToEnd())) AddBoth(named);
        }
    }

    private void AddBoth(string hash)
    {
        _used.Add(new DvcObject(hash));
        _used.Add(new DvcObject(hash, Legacy: true));
    }

    private static async Task<FolderListing?> ListingAsync(DvcRepository repository, DvcObject folder, Func<IObjectRemote?> remote, CancellationToken cancellationToken)
    {
        if (repository.Cache.Has(folder)) return repository.Cache.Listing(folder);
        if (remote() is not { } opened || (await opened.MissingAsync([folder], cancellationToken)).Count > 0) return null;
        using var batch = repository.Cache.Batch();
        await repository.Cache.ReceiveAsync(folder, target => opened.GetAsync(folder, target, new Progress<long>(), cancellationToken), opened.Name, batch);
        batch.Flush();
        return repository.Cache.Listing(folder);
    }
}
