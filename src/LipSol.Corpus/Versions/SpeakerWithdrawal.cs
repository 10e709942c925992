using LipSol.Artifacts;
using LipSol.Corpus.Preparation;

namespace LipSol.Corpus;

/// <summary>What a person's leaving means for a data folder: found first, done once that is wanted.</summary>
/// <remarks>Interrupted, or for a further remote, it's done by calling it again: what was written down is found anew, whatever is left of the corpora.</remarks>
public sealed class SpeakerWithdrawal
{
    private readonly CorpusCatalog _catalog;
    private readonly IReadOnlyDictionary<string, CorpusManifest> _all;
    private readonly IReadOnlyDictionary<string, CorpusManifest> _versions;
    private readonly Withdrawal[] _before;
    private readonly HashSet<PersonName> _names;
    private readonly HashSet<string> _contents;

    private SpeakerWithdrawal(CorpusCatalog catalog, string speaker, HashSet<PersonName> names, IReadOnlyDictionary<string, CorpusManifest> versions, IReadOnlyList<UnfinishedImport> begun, Withdrawal[] before, IReadOnlyList<string> unread)
    {
        (_catalog, Speaker, _names, _all, _before, Unread) = (catalog, speaker, names, versions, before, unread);
        // A recording is theirs under whatever name it stands.
        _contents = versions.Values.SelectMany(v => v.Clips.Where(c => names.Contains(new PersonName(v.Name, c.Speaker)))).Select(c => c.ContentHash).Concat(NamedIn(begun)).Concat(before.SelectMany(w => w.Contents)).ToHashSet(StringComparer.Ordinal);
        Imports = [.. begun.Select(i => i with { Recordings = [.. i.Recordings.Where(r => IsTheirs(i.Corpus, r))] }).Where(i => i.Recordings.Count > 0)];
        _versions = versions.Where(v => v.Value.Clips.Any(c => IsTheirs(v.Value.Name, c))).ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
        var theirs = _versions.Values.SelectMany(v => v.Clips.Where(c => IsTheirs(v.Name, c))).ToArray();
        Contents = Sorted(_contents.Concat(theirs.Select(c => c.ContentHash)));
        // Also those of imports that were stopped, and of other settings.
        MouthClips = Sorted(theirs.Select(c => c.MouthClip).OfType<string>().Concat(before.SelectMany(w => w.MouthClips)).Concat(CropCache.MouthClipsOf(catalog.DataFolder, Contents)));
        Paths = Sorted(theirs.Select(c => c.Path).Concat(Imports.SelectMany(i => i.Recordings).Select(r => r.Path)));
        Listings = Sorted(_versions.Values.Where(v => v.Clips.Any(c => c.MouthClip is not null && IsTheirs(v.Name, c))).Select(Listing).OfType<string>().Concat(before.SelectMany(w => w.Listings)));
        Notebooks = Sorted(before.SelectMany(w => w.Notebooks));
        // What stands for itself had them never: it's the history of a corpus that is gone.
        DataHashes = _versions.Keys.Concat(before.SelectMany(w => w.Versions).Where(v => v.Key != v.Value).Select(v => v.Key)).ToHashSet(StringComparer.Ordinal);
        OfOthers = theirs.Count(c => !names.Any(n => n.Speaker == c.Speaker));
    }

    /// <summary>Their name.</summary>
    public string Speaker { get; }

    /// <summary>The versions that have them, by data hash.</summary>
    public IReadOnlyDictionary<string, CorpusManifest> Versions => _versions;

    /// <summary>The data hashes of the versions that have them, also of those that can't be read any more.</summary>
    public IReadOnlySet<string> DataHashes { get; }

    /// <summary>Their recordings that imports began with and no version tells of yet.</summary>
    public IReadOnlyList<UnfinishedImport> Imports { get; }

    /// <summary>MD5 of their recordings.</summary>
    public IReadOnlyList<string> Contents { get; }

    /// <summary>MD5 of their mouth clips.</summary>
    public IReadOnlyList<string> MouthClips { get; }

    /// <summary>The folders of mouth clips that hold theirs.</summary>
    public IReadOnlyList<string> Listings { get; }

    /// <summary>Executed notebooks that were purged before.</summary>
    public IReadOnlyList<string> Notebooks { get; }

    /// <summary>Paths of their recordings, relative to where the corpora were imported from.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Clips (in all versions) that stand under another speaker's name, but are the same recordings byte for byte: they go as well.</summary>
    public int OfOthers { get; }

    /// <summary>Versions that are named somewhere and couldn't be read, neither here nor from the source: whether they have the person isn't known.</summary>
    public IReadOnlyList<string> Unread { get; }

    /// <summary>Finds the versions that have a person: among all that the corpora's names pointed at, all that lie in the store, those that were written down when it was done before, and others that are known of; and what imports of them began.</summary>
    /// <param name="catalog">The corpora; what it lacks comes from its source.</param>
    /// <param name="speaker">The person's name.</param>
    /// <param name="corpora">In these corpora only; in all where it's empty. People of the same name aren't always the same person.</param>
    /// <param name="others">Data hashes that runs, models and pushes name.</param>
    /// <param name="also">Other names of the same person in other corpora.</param>
    public static SpeakerWithdrawal Find(CorpusCatalog catalog, string speaker, IReadOnlyCollection<string> corpora, IEnumerable<string> others, IReadOnlyCollection<PersonName>? also = null)
    {
        // Before the versions: what an import ends with meanwhile is in one of both.
        var begun = catalog.Imports.Read();
        var all = catalog.Withdrawals.Read();
        var named = catalog.List().SelectMany(p => p.History.Select(v => v.Manifest).Append(p.Manifest)).Concat(others).Concat(all.SelectMany(w => w.Versions.Keys)).Where(h => ArtifactHash.IsValid(h) && !ArtifactHash.IsFolder(h)).ToHashSet(StringComparer.Ordinal);
        var versions = new Dictionary<string, CorpusManifest>(StringComparer.Ordinal);
        var unread = new List<string>();
        foreach (var hash in named)
        {
            try
            {
                versions[hash] = catalog.GetVersion(hash);
            }
            catch (Exception e) when (e is InvalidDataException or ArtifactNotFoundException or ArtifactDamagedException)
            {
                unread.Add(hash);
            }
        }
        foreach (var (hash, manifest) in StoredVersions.Of(catalog.Artifacts, h => !named.Contains(h))) versions[hash] = manifest;
        HashSet<PersonName> names = [.. versions.Values.Where(v => v.Clips.Any(c => c.Speaker == speaker)).Select(v => v.Name).Concat(begun.Where(i => i.Recordings.Any(r => r.Speaker == speaker)).Select(i => i.Corpus)).Concat(all.Where(w => w.Speaker == speaker).Select(w => w.Corpus)).Distinct().Where(n => corpora.Count == 0 || corpora.Contains(n)).Select(n => new PersonName(n, speaker)), .. also ?? []];
        Withdrawal[] before = [.. all.Where(w => names.Contains(new PersonName(w.Corpus, w.Speaker)))];
        return new SpeakerWithdrawal(catalog, speaker, names, versions, begun, before, unread);
    }

    /// <summary>Whether a person of this name is, or was until they left, in one of these corpora; in any where none is given.</summary>
    public bool Has(string speaker, IReadOnlyCollection<string> corpora) =>
        _before.Any(w => w.Speaker == speaker && (corpora.Count == 0 || corpora.Contains(w.Corpus))) || _versions.Values.Any(v => (corpora.Count == 0 || corpora.Contains(v.Name)) && v.Clips.Any(c => c.Speaker == speaker))
        || Imports.Any(i => (corpora.Count == 0 || corpora.Contains(i.Corpus)) && i.Recordings.Any(r => r.Speaker == speaker));

    /// <summary>Other corpora whose present version (or an import that made none) has one of their recordings under a name that wasn't given.</summary>
    public IReadOnlyList<PersonName> Elsewhere() =>
        [.. _catalog.List().Where(p => _all.ContainsKey(p.Manifest)).SelectMany(p => _all[p.Manifest].Clips.Where(c => _contents.Contains(c.ContentHash)).Select(c => new PersonName(p.Name, c.Speaker))).Concat(Imports.SelectMany(i => i.Recordings.Select(r => new PersonName(i.Corpus, r.Speaker)))).Distinct()
            .Where(n => !_names.Any(k => k.Corpus == n.Corpus))];

    /// <summary>
    /// Writes down that they left, makes a version without them for each that has them, points the corpora's names there, and removes their mouth clips and what is known of cropping their recordings.
    /// A corpus of which nothing is left is gone; manifests of old versions stay, since runs name them.
    /// </summary>
    /// <param name="at">When.</param>
    /// <param name="notebooks">Executed notebooks that may show them: purged too.</param>
    /// <returns>The versions with those that took their place; empty where nothing was left.</returns>
    public IReadOnlyDictionary<string, string> Apply(DateTimeOffset at, IReadOnlyCollection<string>? notebooks = null)
    {
        var withdrawals = _catalog.Withdrawals;
        var replaced = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (hash, manifest) in _versions)
        {
            var remaining = withdrawals.Remaining(manifest.Name, [.. manifest.Clips.Where(c => !IsTheirs(manifest.Name, c))]);
            replaced[hash] = remaining.Count == 0 ? "" : _catalog.Artifacts.PutBytes(ManifestFile.ToBytes(manifest with { Clips = remaining }));
        }
        // Of a corpus that will be gone, what its name pointed at besides stays known by this.
        var histories = _catalog.List().ToDictionary(p => p.Name, p => p.History.Select(v => v.Manifest).Where(v => !replaced.ContainsKey(v)).ToArray(), StringComparer.Ordinal);
        foreach (var corpus in _versions.Values.Select(v => v.Name).Concat(Imports.Select(i => i.Corpus)).Concat(_names.Where(n => withdrawals.Read().Any(w => (w.Corpus, w.Speaker) == (n.Corpus, n.Speaker))).Select(n => n.Corpus)).Distinct().ToArray())
        {
            var versions = _versions.Where(v => v.Value.Name == corpus).ToDictionary(v => v.Key, v => replaced[v.Key], StringComparer.Ordinal);
            foreach (var kept in histories.GetValueOrDefault(corpus) ?? []) versions[kept] = kept;
            // Where recordings of theirs stand under a name that wasn't given, nobody leaves by that name: it may be someone else's too.
            var given = _names.Where(n => n.Corpus == corpus).Select(n => n.Speaker).ToArray();
            foreach (var name in given.Length > 0 ? given : [.. withdrawals.Read().Where(w => w.Corpus == corpus && w.Contents.Any(_contents.Contains)).Select(w => w.Speaker).DefaultIfEmpty("")])
                withdrawals.Add(new Withdrawal(corpus, name, at, Contents, versions) { MouthClips = MouthClips, Listings = Listings, Notebooks = [.. notebooks ?? []] });
        }
        // What an import began since they were looked for; one that begins from here on leaves them out.
        string[] late = [.. NamedIn(_catalog.Imports.Read()).Except(Contents).Distinct()], lateClips = [.. CropCache.MouthClipsOf(_catalog.DataFolder, late)];
        if (late.Length > 0)
            foreach (var name in _names) withdrawals.Add(new Withdrawal(name.Corpus, name.Speaker, at, late, new Dictionary<string, string>()) { MouthClips = lateClips });
        foreach (var pointer in _catalog.List()) _catalog.LeaveOutWithdrawn(pointer.Name);
        foreach (var content in MouthClips.Concat(lateClips).Concat(Contents).Concat(late).Concat(Listings).Concat(notebooks ?? []).Concat(Notebooks))
        {
            // A recording that is a folder of pictures has the hash of a listing.
            if (ArtifactHash.IsFolder(content)) _catalog.Artifacts.RemoveListing(content);
            else _catalog.Artifacts.Remove(content);
        }
        CropCache.Forget(_catalog.DataFolder, Contents.Concat(late));
        // Last: until then, done again, it's found anew.
        _catalog.Imports.Forget(IsTheirs);
        return replaced;
    }

    // Under a name of theirs, whatever else the recordings are.
    private IEnumerable<string> NamedIn(IEnumerable<UnfinishedImport> imports) => imports.SelectMany(i => i.Recordings.Where(r => _names.Contains(new PersonName(i.Corpus, r.Speaker)))).Select(r => r.ContentHash);

    private bool IsTheirs(string corpus, ImportedRecording recording) => _names.Contains(new PersonName(corpus, recording.Speaker)) || _contents.Contains(recording.ContentHash);

    private bool IsTheirs(string corpus, CorpusClip clip) => _names.Contains(new PersonName(corpus, clip.Speaker)) || _contents.Contains(clip.ContentHash);

    private static string? Listing(CorpusManifest version)
    {
        try
        {
            return CorpusObjects.MouthClips(version).Hash;
        }
        catch (InvalidDataException)
        {
            // It has never been such a folder.
            return null;
        }
    }

    private static string[] Sorted(IEnumerable<string> hashes) => [.. hashes.Distinct().Order(StringComparer.Ordinal)];
}
