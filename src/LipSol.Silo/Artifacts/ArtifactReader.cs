using LipSol.Artifacts;
using LipSol.Grains.Ports;

namespace LipSol.Silo.Artifacts;

/// <summary>Lets grains read artifacts.</summary>
internal sealed class ArtifactReader(FolderArtifactStore store) : IArtifactReader
{
    public Task<byte[]> ReadAsync(string hash, CancellationToken cancellationToken) => Task.Run(() => store.ReadBytes(hash), cancellationToken);
}
