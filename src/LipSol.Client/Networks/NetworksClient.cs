namespace LipSol.Client;

/// <summary>Networks that people wrote: sent as source, compiled and tried by the node, trained by their name as LipSol's own are.</summary>
/// <example>
/// <code>
/// var answer = await client.Networks.AddAsync(new AddNetwork { Name = "my-net", Corpus = "urdu-demo", Source = File.ReadAllText("MyNet.cs") });
/// foreach (var fault in answer.Faults) Console.WriteLine($"line {fault.Line}: {fault.Message}");
/// var run = await client.Runs.StartAsync(new StartRun { Network = "my-net", Corpus = "urdu-demo" });
/// </code>
/// </example>
public sealed class NetworksClient
{
    private readonly NodeConnection connection;

    internal NetworksClient(NodeConnection connection) => this.connection = connection;

    /// <summary>Has a network compiled and tried, in a confined process on the node, and takes it in where nothing is wrong with it. One of the same name is replaced; runs that were started keep theirs.</summary>
    /// <exception cref="LipSolNotFoundException">No such corpus.</exception>
    /// <exception cref="LipSolRefusedException">The caller may not run code; or the node's machine can't confine it; or the corpus trains no such network.</exception>
    public Task<NetworkAnswer> AddAsync(AddNetwork network, CancellationToken cancellationToken = default) =>
        connection.PostAsync<NetworkAnswer>("api/v1/networks", network, cancellationToken);

    /// <summary>Takes a name away: no further run is started by it. Runs that were keep their source.</summary>
    /// <exception cref="LipSolNotFoundException">There is none.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        using var response = await connection.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"api/v1/networks/{Uri.EscapeDataString(name)}"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All, by name.</summary>
    public Task<IReadOnlyList<UserNetwork>> ListAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<IReadOnlyList<UserNetwork>>("api/v1/networks", cancellationToken);

    /// <summary>The one of this name.</summary>
    /// <exception cref="LipSolNotFoundException">There is none.</exception>
    public Task<UserNetwork> GetAsync(string name, CancellationToken cancellationToken = default) =>
        connection.GetAsync<UserNetwork>($"api/v1/networks/{Uri.EscapeDataString(name)}", cancellationToken);
}
