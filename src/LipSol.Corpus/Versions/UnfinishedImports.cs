using System.Text.Json;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>A recording that an import works on.</summary>
/// <param name="ContentHash">MD5 of the recording.</param>
/// <param name="Speaker">Who speaks in it.</param>
/// <param name="Path">Where it lies, relative to the folder that's imported.</param>
public sealed record ImportedRecording(string ContentHash, string Speaker, string Path);

/// <summary>What imports of a corpus began and no version tells of yet: they go on, or were stopped.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Recordings">Those that mouth clips may have been made of.</param>
public sealed record UnfinishedImport(string Corpus, IReadOnlyList<ImportedRecording> Recordings);

/// <summary>What imports work on: <c>imports/NAME.json</c> of the data folder, from before the first mouth clip is made until a version names the recordings, or their speaker leaves.</summary>
/// <remarks>Whatever stops an import, whose faces it left in the store is known. Safe across processes; several imports of one corpus are in one file.</remarks>
public sealed class UnfinishedImports
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private readonly string _folder;
    private readonly Withdrawals _withdrawals;

    internal UnfinishedImports(string dataFolder, Withdrawals withdrawals) => (_folder, _withdrawals) = (Path.Combine(dataFolder, "imports"), withdrawals);

    /// <summary>All of them, by corpus in ordinal order.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public IReadOnlyList<UnfinishedImport> Read()
    {
        if (!Directory.Exists(_folder)) return [];
        using var held = Hold();
        return [.. ReadAll()];
    }

    /// <summary>Writes down what is about to be cropped: the clips of those who haven't left, which it returns. Whoever leaves later finds them here.</summary>
    internal IReadOnlyList<CorpusClip> Begin(string corpus, IReadOnlyList<CorpusClip> clips)
    {
        Directory.CreateDirectory(_folder);
        // Both at once: a withdrawal is written down before this is read for it, so it's either honoured here or finds these.
        using var held = Hold();
        var remaining = _withdrawals.Remaining(corpus, clips);
        if (remaining.Count > 0) Write(corpus, Read(corpus).Recordings.Union(remaining.Select(c => new ImportedRecording(c.ContentHash, c.Speaker, c.Path))));
        return remaining;
    }

    /// <summary>A version names these recordings now, or their speaker has left.</summary>
    internal void End(string corpus, IReadOnlyList<CorpusClip> clips)
    {
        var contents = clips.Select(c => c.ContentHash).ToHashSet(StringComparer.Ordinal);
        Forget((name, recording) => name == corpus && contents.Contains(recording.ContentHash));
    }

    /// <summary>Forgets recordings, of the corpora that they are in.</summary>
    internal void Forget(Func<string, ImportedRecording, bool> which)
    {
        if (!Directory.Exists(_folder)) return;
        using var held = Hold();
        foreach (var import in ReadAll().ToArray())
        {
            var left = import.Recordings.Where(r => !which(import.Corpus, r)).ToArray();
            if (left.Length < import.Recordings.Count) Write(import.Corpus, left);
        }
    }

    private IEnumerable<UnfinishedImport> ReadAll() => Directory.GetFiles(_folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal).Select(Read);

    private UnfinishedImport Read(string corpus)
    {
        var path = PathOf(corpus);
        try
        {
            return File.Exists(path) ? new UnfinishedImport(corpus, JsonSerializer.Deserialize<ImportedRecording[]>(File.ReadAllBytes(path), Options) ?? []) : new UnfinishedImport(corpus, []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}): which recordings stopped imports of {corpus} left isn't known. Delete it and import the corpus to its end, which names all of them.", e);
        }
    }

    private void Write(string corpus, IEnumerable<ImportedRecording> recordings)
    {
        var all = recordings.ToArray();
        if (all.Length > 0) DurableFile.Replace(PathOf(corpus), JsonSerializer.SerializeToUtf8Bytes(all, Options));
        else File.Delete(PathOf(corpus));
    }

    private FileStream Hold() => HeldFile.Take(Path.Combine(_folder, "lock"));

    private string PathOf(string corpus) => Path.Combine(_folder, corpus + ".json");
}
