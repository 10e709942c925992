using System.Runtime.CompilerServices;

namespace LipSol.Silo.Tests.Nodes;

/// <summary>What a node leaves behind in its process.</summary>
public sealed class StoppedNodeTests
{
    [Fact]
    public async Task A_node_that_has_stopped_is_let_go()
    {
        var services = await StartAndStopAsync();
        for (var attempt = 0; services.IsAlive && attempt < 100; attempt++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(services.IsAlive, "its services are still in memory");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> StartAndStopAsync()
    {
        await using var node = await TestNode.StartAsync();
        await node.Client.Runs.ListAsync();
        return new WeakReference(node.Services);
    }
}
