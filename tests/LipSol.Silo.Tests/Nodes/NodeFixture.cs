using LipSol.Client;
using LipSol.Silo.Tests.Nodes;

[assembly: AssemblyFixture(typeof(NodeFixture))]

namespace LipSol.Silo.Tests.Nodes;

/// <summary>One node with a corpus, a completed run and its model in production, for the tests that only ask.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    public const string Model = "urdu-words";

    internal TestNode Node { get; private set; } = null!;

    internal string DataHash { get; private set; } = "";

    internal string RunId { get; private set; } = "";

    internal LipSolClient Client => Node.Client;

    public async ValueTask InitializeAsync()
    {
        Node = await TestNode.StartAsync();
        DataHash = Node.AddCorpus();
        var run = await Client.Runs.StartAsync(new StartRun { Network = "brightness", Corpus = TestNode.Corpus, Experiment = "first", Parameters = new Dictionary<string, string> { ["epochs"] = "3" } });
        RunId = run.Id;
        var worker = await Node.Workers.NextAsync();
        await worker.ReportAsync(("loss", 1, 0.5), ("loss", 2, 0.25));
        await worker.CompleteAsync();
        var decision = await Client.Models.PromoteAsync(Model, new Promote { RunId = run.Id });
        Assert.True(decision.Promoted, decision.Reason);
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}

/// <summary>Tests that look whether something of an upload is left: one after another, with a node of their own, which nobody else sends anything.</summary>
[CollectionDefinition("uploads")]
public sealed class Uploads : ICollectionFixture<NodeFixture>;
