using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts;

/// <summary>Several sources: the first that has it gives it.</summary>
public sealed class ArtifactSources(IReadOnlyList<IArtifactSource> sources) : IArtifactSource
{
    /// <inheritdoc/>
    public void Fetch(string hash, FolderArtifactStore store)
    {
        DvcException? last = null;
        foreach (var source in sources)
        {
            try
            {
                source.Fetch(hash, store);
                return;
            }
            catch (DvcException e)
            {
                last = e;
            }
        }
        throw last ?? new DvcException($"{hash} isn't here, and there is no remote to ask.");
    }
}
