using LipSol.Artifacts;
using LipSol.Grains.Ports;

namespace LipSol.Silo.Artifacts;

/// <summary>Lets grains keep artifacts.</summary>
internal sealed class ArtifactWriter(FolderArtifactStore store) : IArtifactWriter
{
    public Task<string> WriteAsync(byte[] content, CancellationToken cancellationToken) => store.PutBytesAsync(content, cancellationToken);
}
