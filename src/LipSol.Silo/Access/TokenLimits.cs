using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace LipSol.Silo.Access;

/// <summary>How much may be asked for by one named token on one node, so that nobody who holds one can shut the others out. The node's own token, which is the operator's, isn't limited by these.</summary>
internal sealed record TokenLimits
{
    /// <summary>Requests a second, in the mean; twice as many at once. 0: no limit.</summary>
    public double RequestsPerSecond { get; init; } = 200;
    /// <summary>Uploads at once: received, or waiting and worked on while the caller waits; and live streams, counted by themselves. 0: no limit but the node's.</summary>
    public int Uploads { get; init; } = 16;
    /// <summary>Clips under way whose answers are fetched later: a whole batch, half of what a node takes. 0: no limit but the node's.</summary>
    public int Jobs { get; init; } = 64;

    /// <summary>The limits on requests, for each token by itself; the node's limits on all uploads together come on top.</summary>
    public PartitionedRateLimiter<HttpContext> ToLimiter() => PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<HttpContext, string>(context => Limited(context) is { } name && RequestsPerSecond > 0 ? RateLimitPartition.GetTokenBucketLimiter(name, _ => Bucket()) : Unlimited()),
        PartitionedRateLimiter.Create<HttpContext, string>(context => Limited(context) is { } name && Uploads > 0 && IsUpload(context)
            ? RateLimitPartition.GetConcurrencyLimiter(name, _ => new ConcurrencyLimiterOptions { PermitLimit = Uploads, QueueLimit = 0 })
            : Unlimited()));

    private static string? Limited(HttpContext context) => Caller.Find(context)?.Name is { } name && name != Caller.NodeToken ? name : null;

    /// <summary>What has a limit of the node's own is what keeps it busy for long.</summary>
    private static bool IsUpload(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is not null;

    private static RateLimitPartition<string> Unlimited() => RateLimitPartition.GetNoLimiter("");

    internal TokenBucketRateLimiterOptions Bucket()
    {
        // Few a second are filled up one by one, many in about tenths of a second: as many at a time, as often as makes just the rate.
        var tokens = (int)Math.Max(1, Math.Round(RequestsPerSecond / 10));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = (int)Math.Max(1, Math.Ceiling(2 * RequestsPerSecond)),
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / RequestsPerSecond),
            QueueLimit = 0,
        };
    }
}
