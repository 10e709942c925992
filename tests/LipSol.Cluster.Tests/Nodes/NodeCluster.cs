using LipSol.Client;
using LipSol.Cluster.Tests.Processes;
using LipSol.Cluster.Tests.Training;

namespace LipSol.Cluster.Tests.Nodes;

/// <summary>Nodes of one machine on one SQLite file and one shared folder, each with a data folder of its own.</summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<NodeProcess> nodes = [];

    public NodeCluster()
    {
        Directory.CreateDirectory(Shared);
        BrightCorpus.WriteTo(Shared);
    }

    public string Shared => folder["shared"];

    public string Database => folder["lipsol.db"];

    public string DataFolder(string node) => folder[node];

    /// <summary>How a node of this name is started.</summary>
    public string[] Arguments(string name, params string[] more) => ["--name", name, "--join", $"Data Source={Database}", "--shared", Shared, .. more];

    public async Task<NodeProcess> StartAsync(string name, params string[] more)
    {
        var node = await NodeProcess.StartAsync(DataFolder(name), Arguments(name, more));
        lock (nodes) nodes.Add(node);
        return node;
    }

    /// <summary>As <see cref="StartAsync"/>, expected not to come up.</summary>
    public Task<(int Status, string Said)> RefuseAsync(string name, string dataFolder, params string[] more) => NodeProcess.RefuseAsync(folder[dataFolder], Arguments(name, more));

    /// <summary>Waits until a node's view of the cluster is so.</summary>
    public static Task<NodeStatus> WaitAsync(NodeProcess node, string what, TimeSpan patience, Func<NodeStatus, bool> so) =>
        Eventually.FindAsync($"{what} (node {NodeFile.Read(node.DataFolder)?.Name})", patience, async () =>
        {
            try
            {
                var status = await node.Client.GetNodeAsync();
                return so(status) ? status : null;
            }
            catch (LipSolException e) when (e is LipSolOverloadedException or { Status: System.Net.HttpStatusCode.InternalServerError })
            {
                // Calls that were under way to a node that just died.
                return null;
            }
        });

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        folder.Dispose();
    }
}
