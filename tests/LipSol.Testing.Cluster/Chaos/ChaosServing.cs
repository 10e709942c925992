using System.Collections.Concurrent;
using System.Net;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Testing.Cluster.Nodes;
using LipSol.Testing.Cluster.Training;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>Has clips read, some of them damaged, and promotes one of two versions after the other. Whatever happens to nodes: no answer is of a version that was never in production, none is an internal error, each damaged clip is refused with a reason, and each promotion that was acknowledged is in the model's history once.</summary>
internal sealed class ChaosServing
{
    private const string Model = "chaos-words";
    private const int DamagedOne = 5, Page = 100;
    private const double EitherIsAsGood = 0.4;
    private static readonly TimeSpan RunPatience = TimeSpan.FromMinutes(3), BetweenPromotions = TimeSpan.FromSeconds(20);
    private readonly ChaosNodes nodes;
    private readonly Action<string> say;
    private readonly ConcurrentQueue<string> broken = [];
    private readonly List<string> acknowledged = [];
    private int answered, repeated, refused;

    private ChaosServing(ChaosNodes nodes, Action<string> say, IReadOnlyCollection<string> runs) => (this.nodes, this.say, Runs) = (nodes, say, runs);

    /// <summary>The runs that trained the versions.</summary>
    public IReadOnlyCollection<string> Runs { get; }

    public ServingCounts Counts => new(answered, repeated, refused, acknowledged.Count);

    public static async Task<ChaosServing> StartAsync(ChaosNodes nodes, Action<string> say, CancellationToken cancellationToken)
    {
        var node = nodes.Well[0].Process;
        List<string> runs = [];
        // The same training twice: two versions that read alike, so that each may follow the other.
        for (var version = 1; version <= 2; version++)
        {
            var run = await TrainingRun.StartAsync(node.Client, epochs: 2);
            await run.WaitForAsync(node, RunStatus.Completed, RunPatience);
            await node.Client.Models.RegisterAsync(Model, run.Id, cancellationToken: cancellationToken);
            runs.Add(run.Id);
        }
        var serving = new ChaosServing(nodes, say, runs);
        await serving.PromoteAsync(1, "chaos 0", cancellationToken);
        return serving;
    }

    /// <summary>Has one clip after the other read, by whichever node is up.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        byte[][] clips = [.. Enumerable.Range(0, 8).Select(i => MouthClipFile.ToBytes(BrightCorpus.Clip(2, i)))];
        try
        {
            for (var i = 0; ; i++)
            {
                var whole = clips[i % clips.Length];
                await ReadAsync(i % DamagedOne == 0 ? whole[..(whole.Length / 2)] : whole, damaged: i % DamagedOne == 0, cancellationToken);
                await Task.Delay(100, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The trial is over.
        }
    }

    /// <summary>Promotes one version after the other.</summary>
    public async Task PromoteAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 1; ; i++)
            {
                await Task.Delay(BetweenPromotions, cancellationToken);
                await PromoteAsync(1 + i % 2, $"chaos {i}", cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The trial is over.
        }
    }

    /// <summary>What was broken, also by what is in the history now.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        List<PromotionDecision> history = [];
        for (var more = true; more;)
        {
            var page = (await nodes.CallAsync((c, ct) => c.Models.GetHistoryAsync(Model, history.Count, Page, ct), cancellationToken)).Entries;
            history.AddRange(page);
            more = page.Count == Page;
        }
        foreach (var key in acknowledged)
            if (history.Count(e => e.Key == key && e.Promoted) is not 1 and var times) broken.Enqueue($"The promotion \"{key}\" was acknowledged, and is {times} times in the history.");
        if (answered == 0) broken.Enqueue("No clip was read.");
        return [.. broken];
    }

    private async Task ReadAsync(byte[] clip, bool damaged, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(TimeSpan.FromSeconds(20));
                var client = await nodes.AnyAsync(patience.Token);
                var read = await client.Transcriptions.TranscribeAsync(new MemoryStream(clip), "clip.npz", new TranscriptionOptions { Model = Model }, patience.Token);
                if (damaged) broken.Enqueue("A damaged clip was read.");
                if (read.Provenance.Version is not (1 or 2)) broken.Enqueue($"A clip was read by version {read.Provenance.Version}.");
                answered++;
                return;
            }
            catch (LipSolException e) when (damaged && e.Status == HttpStatusCode.UnprocessableEntity)
            {
                refused++;
                return;
            }
            catch (LipSolException e) when (NodeCluster.Passes(e))
            {
                if (e.Status == HttpStatusCode.InternalServerError) broken.Enqueue($"A clip was answered with an internal error: {e.Message}");
                repeated++;
            }
            catch (LipSolException e)
            {
                broken.Enqueue($"A {(damaged ? "damaged" : "good")} clip was answered with {(int?)e.Status} {e.Reason}: {e.Message}");
                return;
            }
            catch (ObjectDisposedException)
            {
                // The node's client went with the node.
                repeated++;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // A node that is stopped says nothing; another one does.
                repeated++;
            }
            await Task.Delay(100, cancellationToken);
        }
    }

    private async Task PromoteAsync(int version, string key, CancellationToken cancellationToken)
    {
        var request = new Promote { Version = version, Threshold = 0, Confidence = EitherIsAsGood, Key = key };
        var decision = await nodes.CallAsync((c, ct) => c.Models.PromoteAsync(Model, request, ct), cancellationToken);
        if (!decision.Promoted) broken.Enqueue($"Version {version} wasn't promoted: {decision.Reason}");
        else acknowledged.Add(key);
        say($"version {version} is in production");
    }
}
