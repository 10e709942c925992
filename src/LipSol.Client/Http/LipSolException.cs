using System.Net;

namespace LipSol.Client;

/// <summary>A call to a LipSol node that didn't do what was asked. The message says what was wrong and what to do.</summary>
public class LipSolException : Exception
{
    /// <summary>Creates it.</summary>
    public LipSolException(string message, HttpStatusCode? status = null, string? reason = null, Exception? inner = null) : base(message, inner)
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The kind of problem, for programs, e.g. <c>no-face</c> or <c>too-long</c>; null where the node gave none.</summary>
    public string? Reason { get; }
}

/// <summary>What was asked for doesn't exist on the node.</summary>
public sealed class LipSolNotFoundException(string message, string? reason = null) : LipSolException(message, HttpStatusCode.NotFound, reason);

/// <summary>The token is missing or wrong.</summary>
public sealed class LipSolUnauthorizedException(string message) : LipSolException(message, HttpStatusCode.Unauthorized, "unauthorized");

/// <summary>The node understood and refused: the input or the state of things doesn't allow it. Repeating the call as it stands won't help.</summary>
public sealed class LipSolRefusedException(string message, HttpStatusCode status, string? reason = null) : LipSolException(message, status, reason);

/// <summary>The node has too much to do; the same call may succeed a little later.</summary>
public sealed class LipSolOverloadedException(string message, HttpStatusCode status, TimeSpan? retryAfter) : LipSolException(message, status, "overloaded")
{
    /// <summary>When to try again, where the node said so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>No node answered: none is running, or its address is wrong, or the connection was lost.</summary>
public sealed class LipSolUnreachableException(string message, Exception? inner = null) : LipSolException(message, reason: "unreachable", inner: inner);
