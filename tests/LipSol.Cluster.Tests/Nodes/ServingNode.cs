using LipSol.Client;
using LipSol.Cluster.Tests.Nodes;

[assembly: AssemblyFixture(typeof(ServingNode))]

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>A node with a model in production that was really trained; for tests that leave it as they found it.</summary>
public sealed class ServingNode : IAsyncLifetime
{
    public const string Model = "bright-words";
    private readonly TemporaryFolder folder = new();

    internal NodeProcess Node { get; private set; } = null!;

    internal LipSolClient Client => Node.Client;

    public async ValueTask InitializeAsync()
    {
        BrightCorpus.WriteTo(folder.Path);
        Node = await NodeProcess.StartAsync(folder.Path);
        await PromoteAsync(Node);
    }

    /// <summary>Trains a model and puts it in production, however well it reads.</summary>
    internal static async Task PromoteAsync(NodeProcess node)
    {
        var run = await TrainingRun.StartAsync(node.Client, epochs: 3);
        await run.WaitForAsync(node, RunStatus.Completed, TimeSpan.FromSeconds(120));
        var decision = await node.Client.Models.PromoteAsync(Model, new Promote { RunId = run.Id, Threshold = 0 });
        Assert.True(decision.Promoted, decision.Reason);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        folder.Dispose();
    }
}
