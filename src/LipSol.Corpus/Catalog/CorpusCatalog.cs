using System.Text.Json;
using LipSol.Artifacts;

namespace LipSol.Corpus;

/// <summary>The corpora of a data folder: each name points at one version, a manifest in the artifact store.</summary>
/// <remarks>
/// A name's pointer is <c>corpora/NAME.json</c>, replaced atomically; versions stay in <c>artifacts</c> and can be got by hash for ever.
/// Safe across processes: who sets a name waits for who does just now. What people withdrew is in no version that's set.
/// </remarks>
public sealed class CorpusCatalog
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly string _pointers;
    private readonly TimeProvider _time;

    /// <summary>Opens (or begins) the catalog of a data folder.</summary>
    /// <param name="dataFolder">The data folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="source">Where artifacts come from that aren't in the folder.</param>
    public CorpusCatalog(string dataFolder, TimeProvider? time = null, IArtifactSource? source = null)
    {
        DataFolder = Path.GetFullPath(dataFolder);
        _time = time ?? TimeProvider.System;
        _pointers = Path.Combine(DataFolder, "corpora");
        Directory.CreateDirectory(_pointers);
        Withdrawals = new Withdrawals(DataFolder);
        Imports = new UnfinishedImports(DataFolder, Withdrawals);
        Artifacts = new FolderArtifactStore(Path.Combine(DataFolder, "artifacts"), _time) { Source = source, Withheld = Withdrawals.Holds };
    }

    /// <summary>The data folder.</summary>
    public string DataFolder { get; }

    /// <summary>Where manifests and mouth clips are kept.</summary>
    public FolderArtifactStore Artifacts { get; }

    /// <summary>Who left.</summary>
    public Withdrawals Withdrawals { get; }

    /// <summary>What imports work on, or left when they were stopped.</summary>
    public UnfinishedImports Imports { get; }

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

    /// <summary>Stores a version and points its name at it, and writes down what changed. Returns the data hash. A name that points there already is left alone. Clips of people who left are left out.</summary>
    /// <param name="manifest">The version.</param>
    /// <param name="why">Why it was made, for people.</param>
    /// <exception cref="CorpusProblemsException">All of it is of people who left.</exception>
    public string Set(CorpusManifest manifest, string why = "")
    {
        using var held = Hold(manifest.Name);
        return SetHeld(manifest, why);
    }

    /// <summary>Makes a version of the one that a name points at; nobody else's change gets lost meanwhile. Returns the data hashes of both.</summary>
    /// <param name="name">The corpus.</param>
    /// <param name="change">What is changed; called once, while others wait.</param>
    /// <param name="why">Why, for people.</param>
    /// <exception cref="CorpusNotFoundException">No such corpus.</exception>
    public (string Before, string DataHash) Change(string name, Func<CorpusManifest, CorpusManifest> change, string why = "")
    {
        using var held = Hold(name);
        var (before, manifest) = Get(name);
        return (before, SetHeld(change(manifest), why));
    }

    /// <summary>Points a name at a version without the clips of people who left; where nothing is left, the name is gone.</summary>
    internal void LeaveOutWithdrawn(string name)
    {
        using var held = Hold(name);
        // Of a version that is nowhere to be had, nothing is shown.
        if (Find(name) is not { } pointer || !CanBeRead(pointer.Manifest, out var manifest)) return;
        var remaining = Withdrawals.Remaining(name, manifest.Clips);
        if (remaining.Count == 0) File.Delete(PointerPath(name));
        else if (remaining.Count < manifest.Clips.Count) SetHeld(manifest, "a speaker was withdrawn");
    }

    private string SetHeld(CorpusManifest manifest, string why)
    {
        var path = PointerPath(manifest.Name);
        var remaining = Withdrawals.Remaining(manifest.Name, manifest.Clips);
        if (remaining.Count < manifest.Clips.Count) manifest = manifest with { Clips = remaining };
        if (remaining.Count == 0) throw new CorpusProblemsException([new CorpusProblem(manifest.Name, null, "every clip is of a speaker who was withdrawn")]);
        var hash = Artifacts.PutBytes(ManifestFile.ToBytes(manifest));
        try
        {
            StoreMouthClips(manifest);
        }
        catch (InvalidDataException)
        {
            // A clip's name can be no path in a folder: a corpus that isn't such an object is better than none, after hours of tracking.
        }
        var before = ReadPointer(path);
        if (before?.Manifest != hash)
            DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new CorpusPointer(manifest.Name, hash, _time.GetUtcNow()) { History = [.. HistoryOf(before), Version(before, manifest, hash, why)] }, Options));
        return hash;
    }

    /// <summary>Takes a name away; its versions stay. A name that isn't there is no error.</summary>
    public void Remove(string name)
    {
        using var held = Hold(name);
        File.Delete(PointerPath(name));
    }

    /// <summary>Stores the listing of a version's mouth clips, where all of them are here; returns the hash of that folder, stored or not.</summary>
    public string StoreMouthClips(CorpusManifest manifest)
    {
        var listing = CorpusObjects.MouthClips(manifest);
        var hash = listing.Hash;
        if (!Artifacts.Exists(hash) && listing.Entries.All(e => Artifacts.Exists(e.Md5))) Artifacts.PutListing(listing);
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

    // Before histories were kept, a pointer told of its present version alone.
    private static IEnumerable<CorpusVersion> HistoryOf(CorpusPointer? pointer) => pointer is null ? [] : pointer.History.Count > 0 ? pointer.History : [new CorpusVersion(pointer.Manifest, pointer.Updated)];

    private CorpusVersion Version(CorpusPointer? before, CorpusManifest manifest, string hash, string why)
    {
        var version = new CorpusVersion(hash, _time.GetUtcNow(), why) { Added = manifest.Clips.Count };
        if (before is null || !Artifacts.Exists(before.Manifest)) return version;
        var diff = CorpusDiff.Of(GetVersion(before.Manifest), manifest);
        return version with { Added = diff.Added.Count, Removed = diff.Removed.Count, Relabelled = diff.Relabelled.Count, Moved = diff.Moved.Count, Remade = diff.Remade.Count };
    }

    private bool CanBeRead(string dataHash, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CorpusManifest? manifest)
    {
        try
        {
            manifest = GetVersion(dataHash);
            return true;
        }
        catch (Exception e) when (e is ArtifactNotFoundException or ArtifactDamagedException or InvalidDataException)
        {
            manifest = null;
            return false;
        }
    }

    private FileStream Hold(string name) => HeldFile.Take(PointerPath(name) + ".lock");

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
public sealed record CorpusPointer(string Name, string Manifest, DateTimeOffset Updated)
{
    /// <summary>The versions that it pointed at, oldest first, the present one last; empty in what an older LipSol wrote.</summary>
    public IReadOnlyList<CorpusVersion> History { get; init; } = [];
}

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
