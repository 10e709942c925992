namespace LipSol.Artifacts;

/// <summary>An artifact that isn't in the store.</summary>
public sealed class ArtifactNotFoundException : FileNotFoundException
{
    /// <summary>Creates it.</summary>
    public ArtifactNotFoundException(string hash, string store)
        : base($"The artifact {hash} is not in {store}.", hash) => Hash = hash;

    /// <summary>The remote, which should have had it, couldn't give it either.</summary>
    public ArtifactNotFoundException(string hash, string store, Exception why)
        : base($"The artifact {hash} is not in {store}, and didn't come from the remote: {why.Message}", hash, why) => Hash = hash;

    /// <summary>The hash that was asked for.</summary>
    public string Hash { get; }
}

/// <summary>An artifact whose bytes aren't those its hash was made of: the disk or someone changed them.</summary>
public sealed class ArtifactDamagedException(string hash, string path, string found)
    : IOException($"The artifact {hash} is damaged: {path} has the MD5 {found}. Delete that file and put or pull the artifact again.")
{
    /// <summary>The artifact.</summary>
    public string Hash { get; } = hash;
}

/// <summary>The disk of the store is full (or its quota used up). What was being stored isn't there; everything else is as before.</summary>
public sealed class ArtifactStoreFullException(string store, long bytes, Exception inner)
    : IOException($"The disk is full: {bytes:N0} more bytes don't fit into {store}. Nothing was stored. Free some space, or move the data folder to a larger disk.", inner)
{
    /// <summary>The store's folder.</summary>
    public string Store { get; } = store;
}
