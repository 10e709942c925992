namespace LipSol.WorkerProtocol;

/// <summary>The other side sent what the protocol doesn't allow: a damaged or oversized frame, an unknown message, another version.</summary>
public sealed class ProtocolException : Exception
{
    /// <summary>Creates it.</summary>
    public ProtocolException(string message, Exception? inner = null) : base(message, inner) { }
}
