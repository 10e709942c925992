namespace LipSol.Artifacts.Dvc;

/// <summary>How files of the workspace come from the cache.</summary>
public enum LinkKind
{
    /// <summary>A copy that shares its blocks until it's written to; where the file system can't, the next kind is taken.</summary>
    Reflink,

    /// <summary>The cache's own file under a second name, and read-only: it takes no room and must not be written to.</summary>
    Hardlink,

    /// <summary>A symbolic link to the cache's file.</summary>
    Symlink,

    /// <summary>A copy.</summary>
    Copy,
}
