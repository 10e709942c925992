using LipSol.Artifacts;
using LipSol.Grains.Ports;

namespace LipSol.Silo.Artifacts;

/// <summary>Lets grains remove the artifacts that nothing refers to any more.</summary>
internal sealed class ArtifactRemover(FolderArtifactStore store) : IArtifactRemover
{
    public Task RemoveAsync(string hash, CancellationToken cancellationToken) => store.RemoveAsync(hash, cancellationToken);
}
