using LipSol.Storage;

namespace LipSol.Silo.Node;

/// <summary>Which database a node works on.</summary>
internal static class NodeStorage
{
    private const string FileKey = "Data Source=";

    /// <summary>The cluster's where it joins one, else the data folder's own.</summary>
    /// <exception cref="NodeStartException">What to join names no database. The message doesn't repeat it: it may hold a password.</exception>
    public static StorageOptions Of(NodeOptions options) =>
        options.Join is null ? new StorageOptions { Path = Path.Combine(options.DataFolder, "lipsol.db"), Membership = false }
        : options.Join.StartsWith(FileKey, StringComparison.OrdinalIgnoreCase) ? new StorageOptions { Path = Path.GetFullPath(options.Join[FileKey.Length..].Trim()), Membership = true }
        : throw new NodeStartException("--join names no database.");
}
