namespace LipSol.Artifacts.Dvc;

/// <summary>Removes contents from a repository's cache for good, whatever still refers to them: what someone has a right to have removed.</summary>
public static class DvcPurge
{
    /// <summary>Removes them, of DVC 3 and DVC 2; returns how many were there. Versions that hold them can't be pulled whole any more. Files of the workspace stay; where they are symbolic links into the cache (cache.type), they lead nowhere then.</summary>
    /// <exception cref="DvcException">Another command works on the repository.</exception>
    public static int Run(DvcRepository repository, IReadOnlyCollection<string> hashes, CancellationToken cancellationToken = default)
    {
        using var held = repository.Lock();
        var removed = 0;
        foreach (var content in hashes.Where(ArtifactHash.IsValid).Distinct().SelectMany(h => new[] { new DvcObject(h), new DvcObject(h, Legacy: true) }).Where(repository.Cache.Has))
        {
            cancellationToken.ThrowIfCancellationRequested();
            repository.Cache.Remove(content);
            removed++;
        }
        return removed;
    }
}
