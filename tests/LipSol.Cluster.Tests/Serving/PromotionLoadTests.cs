using System.Collections.Concurrent;
using System.Diagnostics;
using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;
using LipSol.Cluster.Tests.Uploads;

namespace LipSol.Cluster.Tests.Serving;

/// <summary>A promotion drops no request, and neither does the death of a node that serves.</summary>
public sealed class PromotionLoadTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const double EitherIsAsGood = 0.4;

    [Fact]
    public Task Requests_are_answered_while_versions_change_and_a_serving_node_is_killed() => RunAsync(DatabaseKind.Sqlite, requests: 1500, promotions: 2, rollbacks: 1, victim: 2);

    /// <summary>Also the node that has the grains of the models, the registry and the directory's share: the first one up.</summary>
    [Theory, InlineData(DatabaseKind.Sqlite, 0), InlineData(DatabaseKind.Postgres, 2), Trait("Category", "Long")]
    public Task Twenty_thousand_requests_across_ten_promotions_two_rollbacks_and_a_killed_node(DatabaseKind kind, int victim) => RunAsync(kind, requests: 20_000, promotions: 10, rollbacks: 2, victim);

    /// <summary>It keeps its connections and answers nobody: what is under way there waits until the others have noticed.</summary>
    [Fact, Trait("Category", "Long")]
    public Task A_serving_node_that_hangs_fails_no_request_either() => RunAsync(DatabaseKind.Postgres, requests: 3000, promotions: 2, rollbacks: 1, victim: 1, hang: true);

    private async Task RunAsync(DatabaseKind kind, int requests, int promotions, int rollbacks, int victim, bool hang = false)
    {
        await using var cluster = await NodeCluster.CreateAsync(kind);
        NodeProcess[] nodes = [await cluster.StartAsync("first"), await cluster.StartAsync("second", "--slots", "0"), await cluster.StartAsync("third", "--slots", "0")];
        // The same training twice: two versions that read alike, so that each may follow the other.
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var run = await TrainingRun.StartAsync(nodes[0].Client, epochs: 2);
            await run.WaitForAsync(nodes[0], RunStatus.Completed, Patience);
            await nodes[0].Client.Models.RegisterAsync(ServingNode.Model, run.Id);
        }
        NodeProcess[] callers = [.. nodes.Where((_, i) => i != victim)];
        await PromoteAsync(callers[0], 1);

        byte[][] clips = [.. Enumerable.Range(0, 8).Select(i => MouthClips.Good(i))];
        var failures = new ConcurrentQueue<string>();
        var latencies = new ConcurrentQueue<double>();
        var byNode = new ConcurrentDictionary<string, int>();
        var byVersion = new ConcurrentDictionary<int, int>();
        var answered = 0;
        using var enough = new CancellationTokenSource();
        Task[] loops = [.. callers.SelectMany(node => Enumerable.Range(0, 3).Select(seed => Task.Run(async () =>
        {
            for (var i = seed; !enough.IsCancellationRequested; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                try
                {
                    var read = await node.Client.Transcriptions.TranscribeAsync(new MemoryStream(clips[i % clips.Length]), "clip.npz", new TranscriptionOptions { Model = ServingNode.Model });
                    byNode.AddOrUpdate(read.Provenance.Node, 1, (_, n) => n + 1);
                    byVersion.AddOrUpdate(read.Provenance.Version, 1, (_, n) => n + 1);
                }
                catch (LipSolException e)
                {
                    failures.Enqueue($"{e.Status} {e.Reason}: {e.Message}");
                }
                latencies.Enqueue(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                Interlocked.Increment(ref answered);
            }
        })))];

        // Changes, and the death in their midst, spread over the requests.
        var changes = promotions + rollbacks;
        var done = (Promotions: 0, Rollbacks: 0);
        var production = 1;
        for (var change = 1; change <= changes; change++)
        {
            await ReachAsync(requests * change / (changes + 1));
            if (change == changes / 2 + 1)
            {
                if (hang) nodes[victim].Send(Signal.Stop);
                else await nodes[victim].KillAsync();
            }
            if (change % 5 == 0 && done.Rollbacks < rollbacks || change == changes && done.Rollbacks < rollbacks)
            {
                await InsistAsync(() => callers[change % 2].Client.Models.RollbackAsync(ServingNode.Model, "on with the test"));
                done.Rollbacks++;
            }
            else
            {
                await PromoteAsync(callers[change % 2], production == 1 ? 2 : 1);
                done.Promotions++;
            }
            production = (await callers[0].Client.Models.GetAsync(ServingNode.Model)).Aliases["production"];
        }
        await ReachAsync(requests);
        await enough.CancelAsync();
        await Task.WhenAll(loops);

        double[] sorted = [.. latencies.Order()];
        output.WriteLine(FormattableString.Invariant($"{answered} requests, {failures.Count} failed; p50 {sorted[sorted.Length / 2]:0} ms, p99 {sorted[(int)(sorted.Length * 0.99)]:0} ms, longest {sorted[^1]:0} ms; by node {Text(byNode)}; by version {Text(byVersion)}; {done.Promotions} promotions, {done.Rollbacks} rollbacks"));
        Assert.True(failures.IsEmpty, $"{failures.Count} of {answered} failed:\n{string.Join('\n', failures.Distinct().Take(10))}\n{callers[0].Said}");
        Assert.True(answered >= requests);
        Assert.Equal((promotions, rollbacks), done);
        Assert.Equal(3, byNode.Count);
        Assert.Equal([1, 2], byVersion.Keys.Order());
        var history = await callers[0].Client.Models.GetHistoryAsync(ServingNode.Model, take: 100);
        Assert.Equal(rollbacks, history.Entries.Count(e => e is { Kind: "rollback", Promoted: true }));
        Assert.All(history.Entries, e => Assert.False(string.IsNullOrEmpty(e.By)));

        async Task ReachAsync(int count)
        {
            var patience = Stopwatch.StartNew();
            for (var last = -1; answered < count; await Task.Delay(20, TestContext.Current.CancellationToken))
            {
                if (answered != last) patience.Restart();
                last = answered;
                Assert.True(patience.Elapsed < Patience, $"Nothing was answered for {patience.Elapsed.TotalSeconds:0} s; {answered} of {count} were.");
            }
        }
    }

    private static Task PromoteAsync(NodeProcess node, int version) =>
        InsistAsync(() => node.Client.Models.PromoteAsync(ServingNode.Model, new Promote { Version = version, Threshold = 0, Confidence = EitherIsAsGood }));

    // Decisions aren't repeated by the node: whoever asks for one while the node that holds the model's record dies is told to ask again.
    private static async Task InsistAsync(Func<Task<PromotionDecision>> ask)
    {
        var decision = await Eventually.FindAsync("decision", Patience, async () =>
        {
            try
            {
                return await ask();
            }
            catch (LipSolException e) when (NodeCluster.Passes(e))
            {
                return null;
            }
        });
        Assert.True(decision.Promoted, decision.Reason);
    }

    private static string Text<T>(ConcurrentDictionary<T, int> counts) where T : notnull => string.Join(", ", counts.OrderBy(c => c.Key).Select(c => $"{c.Key}: {c.Value}"));
}
