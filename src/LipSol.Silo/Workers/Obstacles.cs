using LipSol.Grains.Nodes;
using LipSol.Silo.Node;
using LipSol.Storage;

namespace LipSol.Silo.Workers;

/// <summary>What keeps a report from being written down, where it's known to pass: the report then waits instead of ending its worker.</summary>
internal sealed class Obstacles(DatabaseWatch database)
{
    public const string DiskFull = "the node's disk is full";
    public const string NoDatabase = "the database can't be reached";
    public const string NoCluster = "a node of the cluster doesn't answer";

    /// <summary>The obstacle behind an error, in words that follow "since"; null where none is known.</summary>
    public string? Of(Exception error) =>
        StorageErrors.IsDiskFull(error) ? DiskFull
        // While the database is away, errors have many faces: a grain that can't be activated says so in its own way.
        : database.IsLost ? NoDatabase
        : ClusterErrors.IsPassing(error) ? NoCluster
        : null;
}
