namespace LipSol.Storage;

/// <summary>The database can't be used as it is; the message says which one, why, and what to do.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates it.</summary>
    public StorageException(string message, Exception? inner = null) : base(message, inner) { }
}
