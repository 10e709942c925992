using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts;

/// <summary>Where a store gets what is asked of it and isn't there.</summary>
public interface IArtifactSource
{
    /// <summary>Puts a file artifact, or a folder's listing, into the store, verified. Several may ask for the same at once.</summary>
    /// <exception cref="DvcException">It isn't there either, or can't be had.</exception>
    void Fetch(string hash, FolderArtifactStore store);
}
