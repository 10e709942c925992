using LipSol.Contracts.Access;
using LipSol.Silo.Access;
using LipSol.Silo.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Access;

/// <summary>How soon a node knows of a token that was made or revoked on another one.</summary>
public sealed class KnownTokensTests
{
    private readonly FakeTimeProvider time = new();
    private readonly string token = TokenHash.NewToken();
    private readonly List<TokenRecord> cluster = [];
    private readonly KnownTokens known;
    private int asked;
    private Exception? failure;

    public KnownTokensTests() => known = new KnownTokens(() =>
    {
        asked++;
        return failure is { } e ? Task.FromException<List<TokenRecord>>(e) : Task.FromResult(cluster.ToList());
    }, time, NullLogger<KnownTokens>.Instance);

    [Fact]
    public async Task A_token_that_is_revoked_elsewhere_is_gone_within_three_seconds()
    {
        Make();
        Assert.NotNull(await known.FindAsync(token));
        Revoke();
        time.Advance(KnownTokens.Oldest);
        Assert.Null(await known.FindAsync(token));
    }

    [Fact]
    public async Task One_that_is_made_elsewhere_is_known_within_a_fifth_of_a_second_and_wrong_ones_ask_no_oftener()
    {
        Assert.Null(await known.FindAsync(token));
        Make();
        for (var i = 0; i < 100; i++) Assert.Null(await known.FindAsync(token));
        Assert.Equal(1, asked);
        time.Advance(KnownTokens.Impatience);
        Assert.NotNull(await known.FindAsync(token));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_thousand_requests_ask_the_cluster_once_a_second()
    {
        Make();
        for (var i = 0; i < 1000; i++) Assert.NotNull(await known.FindAsync(token));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task While_the_cluster_does_not_answer_what_was_heard_holds_for_half_a_minute_and_then_nothing()
    {
        Make();
        await known.FindAsync(token);
        failure = new TimeoutException();
        time.Advance(KnownTokens.Longest - TimeSpan.FromSeconds(1));
        Assert.NotNull(await known.FindAsync(token));
        Assert.NotNull(await known.FindAsync(token));
        time.Advance(TimeSpan.FromSeconds(1));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => known.FindAsync(token).AsTask());
        Assert.Equal(503, refusal.Status);

        failure = null;
        Revoke();
        Assert.Null(await known.FindAsync(token));
    }

    [Fact]
    public async Task After_one_answer_that_failed_the_next_request_waits_for_another()
    {
        Make();
        await known.FindAsync(token);
        Revoke();
        failure = new TimeoutException();
        time.Advance(KnownTokens.Oldest);
        Assert.NotNull(await known.FindAsync(token));
        failure = null;
        Assert.Null(await known.FindAsync(token));
    }

    [Fact]
    public async Task What_was_changed_through_this_node_holds_here_at_once_also_where_an_older_answer_is_under_way()
    {
        Make();
        var slow = new TaskCompletionSource<List<TokenRecord>>();
        var asking = new TaskCompletionSource();
        var node = new KnownTokens(() =>
        {
            return asking.TrySetResult() ? slow.Task : Task.FromResult(cluster.ToList());
        }, time, NullLogger<KnownTokens>.Instance);
        var before = node.FindAsync(token).AsTask();
        await asking.Task;
        var answer = cluster.ToList();
        Revoke();
        time.Advance(TimeSpan.FromMilliseconds(1));
        node.Forget();
        slow.SetResult(answer);
        Assert.NotNull(await before);
        Assert.Null(await node.FindAsync(token));
    }

    private void Make() => cluster.Add(new TokenRecord { Name = "t", Role = AccessRole.Read, Hash = TokenHash.Of(token), CreatedAt = time.GetUtcNow(), CreatedBy = "node" });

    private void Revoke() => cluster[0] = cluster[0] with { Hash = "", RevokedAt = time.GetUtcNow() };
}
