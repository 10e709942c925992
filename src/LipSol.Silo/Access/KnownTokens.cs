using System.Collections.Frozen;
using LipSol.Contracts.Access;
using LipSol.Silo.Http;

namespace LipSol.Silo.Access;

/// <summary>
/// The cluster's tokens as this node last heard of them. One that is revoked, on whichever node, lets nobody in here after at most <see cref="Oldest"/>; a new one is known after at most
/// <see cref="Impatience"/>. While the cluster can't be asked, what was heard goes on to hold for <see cref="Longest"/>, and then nothing.
/// </summary>
internal sealed class KnownTokens(Func<Task<List<TokenRecord>>> list, TimeProvider time, ILogger<KnownTokens> log)
{
    /// <summary>Older than this isn't gone by as long as the cluster answers.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromSeconds(3);
    /// <summary>How often the cluster is asked for a token that isn't known: whoever sends wrong ones asks no more often than this.</summary>
    public static readonly TimeSpan Impatience = TimeSpan.FromMilliseconds(200);
    /// <summary>How long what was heard holds while the cluster can't be asked.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    // From here on it's asked anew, beside the request that would else wait for it one day.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private volatile Heard? heard;
    // In a row. One answer that came too late says that somebody was busy, not that the cluster is gone.
    private volatile int failures;
    private Task<Heard>? asking;
    private long notBefore = long.MinValue;

    /// <summary>The token that was offered, where it's one of those that are kept and weren't revoked; it may have expired.</summary>
    /// <exception cref="ApiException">The cluster couldn't be asked for too long: 503.</exception>
    public async ValueTask<TokenRecord?> FindAsync(string offered)
    {
        // Looked up by its hash: what the time of the look-up tells is about the hash, which nobody who lacks the token can steer.
        var hash = TokenHash.Of(offered);
        var now = await CurrentAsync();
        if (now.Tokens.TryGetValue(hash, out var found)) return found;
        if (Age(now) < Impatience) return null;
        return (await AskAsync(now)).Tokens.GetValueOrDefault(hash);
    }

    /// <summary>Forgets what was heard: something was changed through this node.</summary>
    public void Forget()
    {
        // An answer that is under way may be from before the change.
        lock (gate) (heard, asking, notBefore) = (null, null, time.GetTimestamp());
    }

    private async ValueTask<Heard> CurrentAsync()
    {
        if (heard is not { } last) return await AskAsync(null);
        var age = Age(last);
        if (age < Fresh) return last;
        if (age >= Oldest && !(failures > 1 && age < Longest)) return await AskAsync(last);
        // Nobody is made to wait; where the cluster failed to answer, not every request waits for it to fail again.
        _ = Asking();
        return last;
    }

    private async Task<Heard> AskAsync(Heard? last)
    {
        try
        {
            return await Asking();
        }
        catch (Exception e)
        {
            if (last is not null && Age(last) < Longest) return last;
            log.LogWarning("Tokens can't be looked up: {Reason}", e.Message);
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, "unavailable", "The node can't look up the token just now: the cluster doesn't answer. Try again in a moment.");
        }
    }

    /// <summary>One question at a time, whoever waits for the answer.</summary>
    private Task<Heard> Asking()
    {
        lock (gate)
        {
            if (asking is { IsCompleted: false }) return asking;
            return asking = AskClusterAsync();
        }
    }

    private async Task<Heard> AskClusterAsync()
    {
        // Off the caller's context, and not under the lock.
        await Task.Yield();
        // What is told is at least as new as the question.
        var at = time.GetTimestamp();
        try
        {
            var tokens = await list().WaitAsync(LongestAnswer, time);
            var told = new Heard(at, tokens.Where(t => t.RevokedAt is null).ToFrozenDictionary(t => t.Hash, StringComparer.Ordinal));
            lock (gate)
                if (at >= notBefore && (heard is null || heard.At < at)) heard = told;
            failures = 0;
            return told;
        }
        catch
        {
            failures++;
            throw;
        }
    }

    private TimeSpan Age(Heard of) => time.GetElapsedTime(of.At);

    private sealed record Heard(long At, FrozenDictionary<string, TokenRecord> Tokens);
}
