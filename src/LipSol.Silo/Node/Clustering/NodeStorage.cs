using LipSol.Storage;

namespace LipSol.Silo.Node;

/// <summary>Which database a node works on.</summary>
internal static class NodeStorage
{
    /// <summary>The cluster's where it joins one, else the data folder's own.</summary>
    /// <exception cref="NodeStartException">What to join names no database. The message doesn't repeat it: it may hold a password.</exception>
    public static StorageOptions Of(NodeOptions options)
    {
        if (options.Join is not { } join) return new StorageOptions { Path = Path.Combine(options.DataFolder, "lipsol.db"), Membership = false };
        try
        {
            return StorageOptions.Parse(join);
        }
        catch (StorageException e)
        {
            throw new NodeStartException($"--join: {e.Message}", e);
        }
    }
}
