namespace LipSol.Grains.Ports;

/// <summary>Reads artifacts by hash, wherever they lie.</summary>
public interface IArtifactReader
{
    /// <summary>The bytes of a file artifact.</summary>
    /// <exception cref="FileNotFoundException">No such artifact.</exception>
    Task<byte[]> ReadAsync(string hash, CancellationToken cancellationToken);
}
