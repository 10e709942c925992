using LipSol.Client;
using LipSol.Testing.Cluster.Nodes;

namespace LipSol.Testing.Cluster.Chaos;

/// <summary>The nodes of the trial, and calls that don't mind which of them answers.</summary>
internal sealed class ChaosNodes(IReadOnlyList<ChaosNode> all)
{
    private static readonly TimeSpan CallPatience = TimeSpan.FromMinutes(3);
    private int turn;

    public IReadOnlyList<ChaosNode> All => all;

    public IReadOnlyList<ChaosNode> Well => [.. all.Where(n => n.IsWell)];

    /// <summary>A client of a node that is up, another one each time.</summary>
    public async Task<LipSolClient> AnyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            for (var i = 0; i < all.Count; i++)
                if (all[(int)((uint)Interlocked.Increment(ref turn) % all.Count)].Client is { } client) return client;
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>An answer, from whichever node gives one; a call that may have been done is done again.</summary>
    public async Task<T> CallAsync<T>(Func<LipSolClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(CallPatience);
        while (true)
        {
            try
            {
                using var one = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
                one.CancelAfter(TimeSpan.FromSeconds(20));
                return await call(await AnyAsync(patience.Token), one.Token);
            }
            catch (Exception e) when (!patience.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException || (e is LipSolException problem && NodeCluster.Passes(problem)))
            {
                await Task.Delay(250, patience.Token);
            }
        }
    }
}
