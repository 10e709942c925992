namespace LipSol.Grains.Ports;

/// <summary>What a node reaches. Implemented by the silo.</summary>
public interface INodeReach
{
    /// <summary>Whether the database answers this node now; within some seconds, and never with an exception.</summary>
    Task<bool> ReachesDatabaseAsync();
}
