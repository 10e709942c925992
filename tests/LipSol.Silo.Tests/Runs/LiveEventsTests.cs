using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using LipSol.Silo.Http;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Runs;

/// <summary>The server's side of a live stream, with a source that tells what becomes of it.</summary>
public sealed class LiveEventsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider time = new();
    private readonly TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Events_pass_with_their_ids_and_the_source_s_end_is_told()
    {
        var seen = new List<(string, string?)>();
        await foreach (var e in LiveEvents.Of(Source(2, endless: false), time, CancellationToken.None, CancellationToken.None)) seen.Add((e.EventType, e.EventId));
        Assert.Equal([("run", "1"), ("run", "2"), (LiveEvents.End, null)], seen);
        await freed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_who_goes_away_or_a_node_that_stops_frees_the_source_though_nothing_happens_in_it(bool readerGoes)
    {
        using CancellationTokenSource stopping = new(), aborted = new();
        await using var events = LiveEvents.Of(Source(1), time, stopping.Token, aborted.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());
        var next = events.MoveNextAsync().AsTask();
        await (readerGoes ? aborted : stopping).CancelAsync();
        // No end is told: the run goes on, and whoever comes back with the last id sees the rest of it.
        Assert.False(await next.WaitAsync(Patience, TestContext.Current.CancellationToken));
        await freed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_that_is_given_up_between_two_events_frees_the_source()
    {
        var events = LiveEvents.Of(Source(1), time, CancellationToken.None, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());
        await events.DisposeAsync();
        await freed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_silence_is_broken_by_a_sign_of_life_without_an_id_and_nothing_is_lost_by_it()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var events = LiveEvents.Of(Source(2, before: go.Task), time, CancellationToken.None, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var silences = 0; silences < 3; silences++)
        {
            var next = events.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(20));
                await Task.WhenAny(next, Task.Yield().AsTask());
            }
            Assert.True(await next);
            Assert.Equal((LiveEvents.Alive, null), (events.Current.EventType, events.Current.EventId));
        }
        go.SetResult();
        var seen = new List<string?>();
        while (seen.Count < 2 && await events.MoveNextAsync())
            if (events.Current.EventType == "run") seen.Add(events.Current.EventId);
        Assert.Equal(["1", "2"], seen);
    }

    [Fact]
    public async Task What_breaks_in_the_source_reaches_the_reader_and_frees_it()
    {
        var events = LiveEvents.Of(Source(1, before: Task.FromException(new TimeoutException("the grain doesn't answer"))), time, CancellationToken.None, CancellationToken.None).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.Contains("grain", (await Assert.ThrowsAsync<TimeoutException>(async () => await events.MoveNextAsync())).Message);
        await freed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>So many events, then silence until it's let go of.</summary>
    private async IAsyncEnumerable<SseItem<string?>> Source(int count, bool endless = true, Task? before = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            if (before is not null) await before;
            for (var i = 1; i <= count; i++) yield return new SseItem<string?>("something", "run") { EventId = $"{i}" };
            if (endless) await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            freed.TrySetResult();
        }
    }
}

file static class Yielding
{
    public static async Task AsTask(this YieldAwaitable yielding) => await yielding;
}
