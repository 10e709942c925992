namespace LipSol.Silo.Node;

/// <summary>The disk that runs work on.</summary>
internal static class NodeDisk
{
    // A run that begins with less waits at its first checkpoint.
    private const long Least = 16L << 20;

    /// <summary>Whether a run would find no room in this folder.</summary>
    public static bool IsFull(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace < Least;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that doesn't say how much room it has may have some.
            return false;
        }
    }
}
