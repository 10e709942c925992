using System.Text.Json;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>The corpora of a data folder: each name points at one version, a manifest in the artifact store.</summary>
/// <remarks>
/// A name's pointer is <c>corpora/NAME.json</c>, replaced atomically; versions stay in <c>artifacts</c> and can be got by hash for ever.
/// Safe across processes: the last one to set a name wins.
/// </remarks>
public sealed class CorpusCatalog
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly string _pointers;
    private readonly TimeProvider _time;

    /// <summary>Opens (or begins) the catalog of a data folder.</summary>
    public CorpusCatalog(string dataFolder, TimeProvider? time = null)
    {
        DataFolder = Path.GetFullPath(dataFolder);
        _time = time ?? TimeProvider.System;
        _pointers = Path.Combine(DataFolder, "corpora");
        Directory.CreateDirectory(_pointers);
        Artifacts = new FolderArtifactStore(Path.Combine(DataFolder, "artifacts"), _time);
    }

    /// <summary>The data folder.</summary>
    public string DataFolder { get; }

    /// <summary>Where manifests and mouth clips are kept.</summary>
    public FolderArtifactStore Artifacts { get; }

    /// <summary>All names with the version they point at, in ordinal order.</summary>
    public IReadOnlyList<CorpusPointer> List() =>
        [.. Directory.EnumerateFiles(_pointers, "*.json").Select(path => ReadPointer(path)).OfType<CorpusPointer>().OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>The version a name points at, or null.</summary>
    public CorpusPointer? Find(string name) => ReadPointer(PointerPath(name));

    /// <summary>The version a name points at.</summary>
    /// <exception cref="CorpusNotFoundException">No such corpus.</exception>
    public (string DataHash, CorpusManifest Manifest) Get(string name)
    {
        var pointer = Find(name) ?? throw new CorpusNotFoundException(name, List().Select(p => p.Name));
        return (pointer.Manifest, GetVersion(pointer.Manifest));
    }

    /// <summary>A version by its data hash.</summary>
    /// <exception cref="ArtifactNotFoundException">Not in this data folder.</exception>
    /// <exception cref="InvalidDataException">Not a corpus manifest.</exception>
    public CorpusManifest GetVersion(string dataHash) => ManifestFile.Read(Artifacts.ReadBytes(dataHash));

    /// <summary>Stores a version and points its name at it. Returns the data hash. A name that points there already is left alone.</summary>
    public string Set(CorpusManifest manifest)
    {
        var path = PointerPath(manifest.Name);
        var hash = Artifacts.PutBytes(ManifestFile.ToBytes(manifest));
        if (ReadPointer(path)?.Manifest != hash)
            DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new CorpusPointer(manifest.Name, hash, _time.GetUtcNow()), Options));
        return hash;
    }

    /// <summary>Checks a name: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, beginning with a letter or digit, at most 64.</summary>
    /// <exception cref="ArgumentException">Not a name.</exception>
    public static string CheckName(string name)
    {
        var valid = name.Length is > 0 and <= 64 && char.IsLetterOrDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
        return valid ? name : throw new ArgumentException(
            $"'{name}' is not a name for a corpus: letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64.", nameof(name));
    }

    private string PointerPath(string name) => Path.Combine(_pointers, CheckName(name) + ".json");

    private static CorpusPointer? ReadPointer(string path)
    {
        try
        {
            var pointer = JsonSerializer.Deserialize<CorpusPointer>(File.ReadAllBytes(path), Options);
            return pointer is { Name: not null } && ArtifactHash.IsValid(pointer.Manifest) ? pointer : throw new JsonException("no manifest's hash");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}). Delete it and import the corpus again: mouth clips are reused.", e);
        }
    }
}

/// <summary>What a corpus' name points at.</summary>
/// <param name="Name">The corpus.</param>
/// <param name="Manifest">MD5 of the manifest: the data hash.</param>
/// <param name="Updated">When the name was pointed there.</param>
public sealed record CorpusPointer(string Name, string Manifest, DateTimeOffset Updated);

/// <summary>There is no corpus of that name.</summary>
public sealed class CorpusNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="known">What there is.</param>
    public CorpusNotFoundException(string name, IEnumerable<string> known)
        : base(string.Join(", ", known) is { Length: > 0 } names
            ? $"There is no corpus '{name}'. There are: {names}."
            : $"There is no corpus '{name}', nor any other yet. Make one with `lipsol corpus synth` or `lipsol corpus import`.")
    {
    }
}
