namespace LipSol.Grains.Ports;

/// <summary>Puts artifacts into the store.</summary>
public interface IArtifactWriter
{
    /// <summary>Keeps bytes as a file artifact; its hash. The same bytes are the same artifact.</summary>
    Task<string> WriteAsync(byte[] content, CancellationToken cancellationToken);
}
