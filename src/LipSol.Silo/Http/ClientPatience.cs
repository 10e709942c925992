using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LipSol.Silo.Http;

/// <summary>What a client may cost by being slow: those that say nothing, say it a byte at a time or don't read what they asked for are let go, so that they hold nothing for long.</summary>
internal sealed record ClientPatience
{
    /// <summary>Of a body, at least: slower than the slowest telephone connection, and enough that a clip isn't held open for days.</summary>
    public double BodyBytesPerSecond { get; init; } = 1024;

    /// <summary>Of an answer, at least. What the system's buffers take at once, up to some MB, counts as if it were still to be read: so much is that a client that reads nothing is let go within two minutes.</summary>
    public double AnswerBytesPerSecond { get; init; } = 32 << 10;

    /// <summary>How long either may be slower than that; more than a second.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the first byte of a request to the end of its headers.</summary>
    public TimeSpan Headers { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Of connections: a thousand that say nothing take no more than their sockets, and others are served meanwhile.</summary>
    public long Connections { get; init; } = 8192;

    public void ApplyTo(KestrelServerLimits limits)
    {
        limits.MinRequestBodyDataRate = new MinDataRate(BodyBytesPerSecond, Grace);
        limits.MinResponseDataRate = new MinDataRate(AnswerBytesPerSecond, Grace);
        limits.RequestHeadersTimeout = Headers;
        limits.MaxConcurrentConnections = limits.MaxConcurrentUpgradedConnections = Connections;
    }
}
