namespace LipSol.Grains.Ports;

/// <summary>Sends a pipeline's notices. Implemented by the silo.</summary>
public interface INoticeSender
{
    /// <summary>Why no notice can be sent from this node, and what to do; null where they can.</summary>
    string? CannotSend { get; }

    /// <summary>Sends a notice, signed; once.</summary>
    /// <param name="id">The same whenever the notice is sent again.</param>
    /// <param name="url">Where to.</param>
    /// <param name="body">JSON.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NoticeFailedException">It didn't arrive.</exception>
    Task SendAsync(string id, string url, string body, CancellationToken cancellationToken);
}

/// <summary>A notice didn't arrive. <paramref name="again"/>: it may another time.</summary>
public sealed class NoticeFailedException(string message, bool again) : Exception(message)
{
    /// <summary>It may arrive another time.</summary>
    public bool Again => again;
}
