using LipSol.Client;
using LipSol.Testing.Cluster.Processes;
using LipSol.Testing.Cluster.Training;

namespace LipSol.Testing.Cluster.Nodes;

/// <summary>Nodes of this machine on one database and one shared folder, each with a data folder of its own.</summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly List<NodeProcess> nodes = [];

    private NodeCluster(TemporaryFolder folder, ClusterDatabase database)
    {
        this.folder = folder;
        Database = database;
        Directory.CreateDirectory(Shared);
        BrightCorpus.WriteTo(Shared);
    }

    public static async Task<NodeCluster> CreateAsync(DatabaseKind kind)
    {
        var folder = new TemporaryFolder();
        try
        {
            return new NodeCluster(folder, await ClusterDatabase.CreateAsync(kind, folder.Path));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public ClusterDatabase Database { get; }

    /// <summary>Corpora, artifacts, logs and token.</summary>
    public string Shared => folder["shared"];

    public string DataFolder(string node) => folder[node];

    /// <summary>How a node of this name is started.</summary>
    public string[] Arguments(string name, params string[] more) => Joining(Database.Join, name, more);

    public Task<NodeProcess> StartAsync(string name, params string[] more) => KeepAsync(NodeProcess.StartAsync(DataFolder(name), Arguments(name, more)));

    /// <summary>As <see cref="StartAsync"/>, by <c>lipsol up</c>.</summary>
    public Task<NodeProcess> StartWithUpAsync(string name, params string[] more) => KeepAsync(NodeProcess.StartWithUpAsync(DataFolder(name), Arguments(name, more)));

    /// <summary>As <see cref="StartAsync"/>, by another way to the database.</summary>
    public Task<NodeProcess> StartThroughAsync(string join, string name, params string[] more) => KeepAsync(NodeProcess.StartAsync(DataFolder(name), Joining(join, name, more)));

    /// <summary>As <see cref="StartAsync"/>, with a data folder elsewhere.</summary>
    public Task<NodeProcess> StartOnAsync(string dataFolder, string name, params string[] more) => KeepAsync(NodeProcess.StartAsync(dataFolder, Arguments(name, more)));

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
            catch (LipSolException e) when (Passes(e))
            {
                return null;
            }
        });

    /// <summary>Whether an answer says that it's worth asking again: calls that were under way to a node that just died, a database that is away, a node that starts.</summary>
    public static bool Passes(LipSolException e) => e is LipSolOverloadedException or LipSolUnreachableException || e.Status >= System.Net.HttpStatusCode.InternalServerError;

    private string[] Joining(string join, string name, string[] more) => ["--name", name, "--join", join, "--advertise", "127.0.0.1", "--shared", Shared, .. more];

    private async Task<NodeProcess> KeepAsync(Task<NodeProcess> starting)
    {
        var node = await starting;
        lock (nodes) nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(nodes.Select(n => n.DisposeAsync().AsTask()));
        await Database.DisposeAsync();
        folder.Dispose();
    }
}
