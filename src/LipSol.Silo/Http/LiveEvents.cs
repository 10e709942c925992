using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace LipSol.Silo.Http;

/// <summary>Server-sent events that begin again where a reader stopped, end with what they tell of, and cost nothing once the reader is gone.</summary>
internal static class LiveEvents
{
    /// <summary>The type of the event that is sent where nothing else is: proxies cut what is silent, and a reader who vanished is noticed by writing to him alone.</summary>
    public const string Alive = "alive";

    /// <summary>The type of the last event, where the source ended rather than the node or the connection.</summary>
    public const string End = "end";

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Passes events on as they come.</summary>
    /// <param name="source">Each with its id. Its enumerator is cancelled and disposed as soon as the node stops or the reader goes.</param>
    /// <param name="time">Measures the silence.</param>
    /// <param name="stopping">The node stops: live streams would hold up its shutdown. Readers connect again.</param>
    /// <param name="aborted">The reader is gone.</param>
    public static async IAsyncEnumerable<SseItem<T?>> Of<T>(IAsyncEnumerable<SseItem<T?>> source, TimeProvider time, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
        where T : class
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        await using var items = source.GetAsyncEnumerator(either.Token);
        var next = items.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                var arrived = await ArrivesAsync(next, time, either.Token);
                if (either.IsCancellationRequested) yield break;
                if (!arrived)
                {
                    yield return new SseItem<T?>(null, Alive);
                    continue;
                }
                if (!await next) break;
                yield return items.Current;
                next = items.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // An enumerator can't be disposed while it moves.
            await either.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        yield return new SseItem<T?>(null, End);
    }

    /// <summary>False after a silence.</summary>
    private static async Task<bool> ArrivesAsync(Task<bool> next, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(Silence, time, cancellationToken);
            return true;
        }
        catch (TimeoutException) when (!next.IsFaulted)
        {
            return next.IsCompleted;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
