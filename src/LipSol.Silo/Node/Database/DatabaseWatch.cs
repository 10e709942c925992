using System.Diagnostics;
using LipSol.Contracts.Nodes;
using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;

namespace LipSol.Silo.Node;

/// <summary>
/// Looks whether this node reaches the database. One that can't goes on: it says that it isn't ready, and what its workers report waits. One that alone can't, while another node of the
/// cluster can, ends itself, so that its runs go on there.
/// </summary>
internal sealed class DatabaseWatch(IRunIndex index, IClusterMembershipService membership, ILocalSiloDetails local, IServiceProvider services, ILogger<DatabaseWatch> log) : BackgroundService, INodeReach
{
    /// <summary>How long a node that alone lost the database waits until it ends itself.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(5);
    private static readonly RunQuery Any = new(null, null, 0, 1);
    private volatile Loss? lost;

    /// <summary>Whether the database couldn't be reached when it was last tried.</summary>
    public bool IsLost => lost is not null;

    /// <inheritdoc/>
    public async Task<bool> ReachesDatabaseAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(LongestAnswer);
            await index.ListAsync(Any, deadline.Token).WaitAsync(deadline.Token);
            return true;
        }
        catch (Exception e)
        {
            log.LogDebug(e, "The database can't be reached");
            return false;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await ReachesDatabaseAsync())
            {
                if (lost is { } since) log.LogWarning("The database is reached again, after {Seconds:0} s", since.Seconds);
                lost = null;
                continue;
            }
            if (lost is null) log.LogError("The database can't be reached. The node isn't ready until it is; runs wait for up to ten minutes");
            lost ??= new Loss(Stopwatch.GetTimestamp());
            if (lost.Seconds >= Patience.TotalSeconds && await OtherThatReachesItAsync() is { } other && !await ReachesDatabaseAsync())
                services.GetRequiredService<FatalErrors>().End($"This node hasn't reached the database for {lost.Seconds:0} s, and node {other} does. Its runs go on elsewhere");
        }
    }

    private async Task<string?> OtherThatReachesItAsync()
    {
        var grains = services.GetRequiredService<IGrainFactory>();
        var others = membership.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active && !m.SiloAddress.Equals(local.SiloAddress)).Select(m => m.Name).Distinct(StringComparer.Ordinal).ToArray();
        var answers = await Task.WhenAll(others.Select(async name =>
        {
            try
            {
                return await grains.GetGrain<INodeGrain>(NodeGrainKey.Of(name)).ReachesDatabaseAsync().WaitAsync(LongestAnswer * 2) ? name : null;
            }
            catch (Exception e)
            {
                log.LogDebug(e, "Node {Node} doesn't say whether it reaches the database", name);
                return null;
            }
        }));
        return answers.FirstOrDefault(a => a is not null);
    }

    private sealed record Loss(long Since)
    {
        public double Seconds => Stopwatch.GetElapsedTime(Since).TotalSeconds;
    }
}
