using System.Collections.Concurrent;
using LipSol.Corpus;

namespace LipSol.Silo.Corpora;

/// <summary>The node's corpora, with the versions read lately kept in memory: a version never changes, and its manifest may have many thousand clips.</summary>
internal sealed class CorpusLibrary(CorpusCatalog catalog)
{
    private const int Kept = 8;
    private readonly ConcurrentDictionary<string, LoadedCorpus> versions = new();

    /// <summary>All corpora, by name.</summary>
    public IEnumerable<(string DataHash, LoadedCorpus Corpus)> List() => catalog.List().Select(p => (p.Manifest, GetVersion(p.Manifest)));

    /// <summary>The data hashes of all versions that a name pointed at, oldest first.</summary>
    public IReadOnlyList<string> Versions(string name) => catalog.Find(name) is { } pointer ? [.. pointer.History.Select(v => v.Manifest).Append(pointer.Manifest).Distinct()] : [];

    /// <summary>The version that a name points at.</summary>
    /// <exception cref="CorpusNotFoundException">No such corpus.</exception>
    public (string DataHash, LoadedCorpus Corpus) Get(string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny("/\\") || catalog.List().All(p => p.Name != name)) throw new CorpusNotFoundException(name, catalog.List().Select(p => p.Name));
        var pointer = catalog.Find(name) ?? throw new CorpusNotFoundException(name, catalog.List().Select(p => p.Name));
        return (pointer.Manifest, GetVersion(pointer.Manifest));
    }

    /// <summary>A version by its data hash.</summary>
    public LoadedCorpus GetVersion(string dataHash)
    {
        if (versions.TryGetValue(dataHash, out var loaded)) return loaded;
        if (versions.Count >= Kept) versions.Clear();
        return versions.GetOrAdd(dataHash, hash => new LoadedCorpus(catalog.GetVersion(hash)));
    }
}

/// <summary>A corpus version with what is asked of it again and again.</summary>
internal sealed class LoadedCorpus(CorpusManifest manifest)
{
    private readonly Lazy<CorpusStatistics> statistics = new(() => CorpusStatistics.Of(manifest));
    private readonly Lazy<Dictionary<string, CorpusClip>> byId = new(() => manifest.Clips.ToDictionary(c => c.Id));
    private readonly Lazy<HashSet<string>> seen = new(() => [.. manifest.Clips.Where(c => c.Split == Split.Train && c.Refused is null).Select(c => c.Speaker)]);

    public CorpusManifest Manifest { get; } = manifest;

    public CorpusStatistics Statistics => statistics.Value;

    /// <summary>Whether a speaker is in <c>train</c>.</summary>
    public bool IsSeen(string speaker) => seen.Value.Contains(speaker);

    public CorpusClip? Find(string clipId) => byId.Value.GetValueOrDefault(clipId);
}
