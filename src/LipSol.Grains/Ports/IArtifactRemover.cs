namespace LipSol.Grains.Ports;

/// <summary>Takes artifacts out of the store. Whoever asks has made sure that nothing refers to them: the store doesn't know.</summary>
public interface IArtifactRemover
{
    /// <summary>Removes a file artifact. One that isn't there is no error.</summary>
    Task RemoveAsync(string hash, CancellationToken cancellationToken);
}
