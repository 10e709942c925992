using System.Text.Json;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>A person who left a corpus: what is needed to keep them out, to do it again elsewhere, and to say which versions took the place of those with them.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Speaker">Their name in it; empty where recordings of theirs stood under a name that may be someone else's too.</param>
/// <param name="At">When.</param>
/// <param name="Contents">MD5 of their recordings: none of these is ever imported again, under whatever name.</param>
/// <param name="Versions">Versions that had them, with those that took their place; empty where nothing was left.</param>
public sealed record Withdrawal(string Corpus, string Speaker, DateTimeOffset At, IReadOnlyList<string> Contents, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>MD5 of their mouth clips.</summary>
    public IReadOnlyList<string> MouthClips { get; init; } = [];

    /// <summary>The folders of mouth clips that held theirs.</summary>
    public IReadOnlyList<string> Listings { get; init; } = [];

    /// <summary>MD5 of executed notebooks that may show them.</summary>
    public IReadOnlyList<string> Notebooks { get; init; } = [];

    /// <summary>All that is purged.</summary>
    internal IEnumerable<string> All => Contents.Concat(MouthClips).Concat(Listings).Concat(Notebooks);
}

/// <summary>Who left: <c>withdrawn.json</c> of the data folder.</summary>
public sealed class Withdrawals
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly string _file;
    private Known? _known;

    /// <summary>Those of a data folder.</summary>
    public Withdrawals(string dataFolder) => _file = Path.Combine(dataFolder, "withdrawn.json");

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<Withdrawal> Read() => File.Exists(_file) ? JsonSerializer.Deserialize<Withdrawal[]>(File.ReadAllBytes(_file), Options) ?? [] : [];

    /// <summary>Whether a content (a recording, a mouth clip, a folder of these, a notebook) is one that a person withdrew.</summary>
    public bool Holds(string hash)
    {
        var file = new FileInfo(_file);
        if (!file.Exists) return false;
        // Asked for every content of a transfer; the file is replaced, never written to.
        if (_known is not { } known || known.At != file.LastWriteTimeUtc || known.Length != file.Length)
            _known = known = new Known(file.LastWriteTimeUtc, file.Length, Read().SelectMany(w => w.All).ToHashSet(StringComparer.Ordinal));
        return known.Hashes.Contains(hash);
    }

    /// <summary>Writes one down. The same person of the same corpus again adds to what is there.</summary>
    public void Add(Withdrawal withdrawal)
    {
        using var held = HeldFile.Take(_file + ".lock");
        var all = Read();
        var before = all.FirstOrDefault(w => w.Corpus == withdrawal.Corpus && w.Speaker == withdrawal.Speaker);
        if (before is not null)
        {
            withdrawal = withdrawal with
            {
                At = before.At,
                Contents = [.. before.Contents.Union(withdrawal.Contents)],
                MouthClips = [.. before.MouthClips.Union(withdrawal.MouthClips)],
                Listings = [.. before.Listings.Union(withdrawal.Listings)],
                Notebooks = [.. before.Notebooks.Union(withdrawal.Notebooks)],
                Versions = before.Versions.Concat(withdrawal.Versions).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Last().Value),
            };
        }
        DurableFile.Replace(_file, JsonSerializer.SerializeToUtf8Bytes(all.Where(w => w != before).Append(withdrawal), Options));
    }

    /// <summary>The clips of those who haven't left.</summary>
    public IReadOnlyList<CorpusClip> Remaining(string corpus, IReadOnlyList<CorpusClip> clips)
    {
        var all = Read();
        if (all.Count == 0) return clips;
        var contents = all.SelectMany(w => w.Contents).ToHashSet(StringComparer.Ordinal);
        var speakers = all.Where(w => w.Corpus == corpus).Select(w => w.Speaker).ToHashSet(StringComparer.Ordinal);
        return [.. clips.Where(c => !contents.Contains(c.ContentHash) && !speakers.Contains(c.Speaker))];
    }

    private sealed record Known(DateTime At, long Length, HashSet<string> Hashes);
}
