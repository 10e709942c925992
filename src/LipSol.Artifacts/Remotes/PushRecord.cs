using System.Text;
using System.Text.Json;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>What a push left on a remote beside the contents: that someone needs them. Whoever cleans the remote keeps them, though the corpus, model or run is known to another node alone.</summary>
/// <param name="Kind"><c>corpus</c>, <c>model</c> or <c>run</c>; <c>versions</c> of a repository, which what is committed names before long.</param>
/// <param name="Name">Its name where it was pushed.</param>
/// <param name="Roots">The files and folders that it consists of; a folder stands for its files too.</param>
/// <param name="At">When it was pushed.</param>
public sealed record PushRecord(string Kind, string Name, IReadOnlyList<string> Roots, DateTimeOffset At)
{
    /// <summary>The corpus version that it is, or that a run trained on; null of a model, and where an older LipSol pushed.</summary>
    public string? DataHash { get; init; }

    internal const string Folder = "refs";
    private const string Versions = "versions";
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Names the record: the same thing pushed again is the same record.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => ArtifactHash.Of(Encoding.UTF8.GetBytes($"{Kind}\n{Name}\n{string.Join('\n', Roots.Order(StringComparer.Ordinal))}"));

    /// <summary>Whether it counts for as long only as what is new is spared: it's git that keeps these.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    internal bool Expires => Kind == Versions;

    /// <summary>The record of a repository's versions.</summary>
    internal static PushRecord OfVersions(IReadOnlyList<string> paths, IReadOnlyCollection<string> roots, DateTimeOffset at) =>
        new(Versions, paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more", [.. roots.Distinct().Order(StringComparer.Ordinal)], at);

    /// <summary>Those of a remote, by the names that they have there.</summary>
    /// <exception cref="DvcException">The remote can't be asked, or one can't be read: what it stands for isn't known then.</exception>
    internal static async Task<IReadOnlyDictionary<string, PushRecord>> ReadAsync(IObjectRemote remote, CancellationToken cancellationToken) =>
        (await remote.NotesAsync(Folder, cancellationToken)).ToDictionary(n => n.Key, n => Parse(n.Key, n.Value, remote.Name), StringComparer.Ordinal);

    internal Task WriteAsync(IObjectRemote remote, CancellationToken cancellationToken) => remote.PutNoteAsync(Folder, Id, JsonSerializer.SerializeToUtf8Bytes(this, Options), cancellationToken);

    private static PushRecord Parse(string name, byte[] content, string remote)
    {
        try
        {
            if (JsonSerializer.Deserialize<PushRecord>(content, Options) is { Kind: not null, Name: not null, Roots: not null } record && record.Roots.All(ArtifactHash.IsValid)) return record;
        }
        catch (JsonException)
        {
            // Told below.
        }
        throw new DvcException($"lipsol/{Folder}/{name}.json of {remote} can't be read: it says what a push needs of this remote. Push it again from where it was pushed, and remove that file.");
    }
}
