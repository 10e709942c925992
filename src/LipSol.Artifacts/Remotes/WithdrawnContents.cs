using System.Text.Json;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>What people withdrew, as a remote remembers it: hashes alone. It isn't sent there again, from whichever clone that still has it.</summary>
internal static class WithdrawnContents
{
    private const string Folder = "withdrawn";

    public static async Task<IReadOnlySet<string>> ReadAsync(IObjectRemote remote, CancellationToken cancellationToken)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, content) in await remote.NotesAsync(Folder, cancellationToken))
        {
            try
            {
                all.UnionWith(JsonSerializer.Deserialize<string[]>(content) ?? []);
            }
            catch (JsonException e)
            {
                throw new DvcException($"lipsol/{Folder}/{name}.json of {remote.Name} can't be read, and says what mustn't be sent there. Withdraw the person again with this remote named, and remove that file.", e);
            }
        }
        return all;
    }

    public static Task AddAsync(IObjectRemote remote, IReadOnlyCollection<string> hashes, CancellationToken cancellationToken)
    {
        string[] sorted = [.. hashes.Distinct().Order(StringComparer.Ordinal)];
        return remote.PutNoteAsync(Folder, ArtifactHash.Of(JsonSerializer.SerializeToUtf8Bytes(sorted)), JsonSerializer.SerializeToUtf8Bytes(sorted), cancellationToken);
    }
}
