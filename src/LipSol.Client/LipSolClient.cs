namespace LipSol.Client;

/// <summary>A connection to a LipSol node: corpora, runs, models and transcriptions. Safe for use from several threads.</summary>
/// <remarks>Every call throws a <see cref="LipSolException"/> (of the kind that fits) where it can't do what was asked, and takes a cancellation token.</remarks>
/// <example>
/// <code>
/// using var client = await LipSolClient.ConnectAsync();
/// var run = await client.Runs.StartAsync(new StartRun { Network = "word-tcn", Corpus = "urdu-synthetic" });
/// await foreach (var e in client.Runs.FollowAsync(run.Id))
///     Console.WriteLine($"{e.Phase} {e.Progress:P0}");
/// var decision = await client.Models.PromoteAsync("urdu-words", new Promote { RunId = run.Id });
/// Console.WriteLine(decision.Reason);
/// var read = await client.Transcriptions.TranscribeAsync("clip.mp4");
/// Console.WriteLine($"{read.Text} ({read.Confidence:P0}), version {read.Provenance.Version}, data {read.Provenance.DataHash}");
/// </code>
/// </example>
public sealed class LipSolClient : IDisposable
{
    private readonly NodeConnection connection;

    /// <summary>Creates a client for the node at <paramref name="url"/>; nothing is sent yet.</summary>
    /// <param name="url">The node's address, e.g. <c>http://127.0.0.1:5000</c>.</param>
    /// <param name="token">The node's token; null for a node that needs none.</param>
    /// <param name="handler">What sends the requests; null for the system's. Not disposed by the client.</param>
    public LipSolClient(Uri url, string? token, HttpMessageHandler? handler = null) : this(url, token, handler, ownsHandler: false)
    {
    }

    private LipSolClient(Uri url, string? token, HttpMessageHandler? handler, bool ownsHandler)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            throw new ArgumentException($"{url} is not the address of a node. It looks like http://127.0.0.1:5000.", nameof(url));
        connection = new NodeConnection(url, token, handler, ownsHandler);
        Nodes = new NodesClient(connection);
        Tokens = new TokensClient(connection);
        Corpora = new CorporaClient(connection);
        Networks = new NetworksClient(connection);
        Runs = new RunsClient(connection, TimeProvider.System);
        Searches = new SearchesClient(connection, TimeProvider.System);
        Models = new ModelsClient(connection);
        Transcriptions = new TranscriptionsClient(connection);
        Streams = new StreamsClient(connection);
        Artifacts = new ArtifactsClient(connection);
        Pipelines = new PipelinesClient(connection, TimeProvider.System);
        Studies = new StudiesClient(connection, this, TimeProvider.System);
    }

    /// <summary>The node's address.</summary>
    public Uri Url => connection.Url;

    /// <summary>The nodes of the cluster, and draining one.</summary>
    public NodesClient Nodes { get; }

    /// <summary>Named tokens: make, list, revoke.</summary>
    public TokensClient Tokens { get; }

    /// <summary>Corpora, their clips and pictures of mouth clips.</summary>
    public CorporaClient Corpora { get; }

    /// <summary>Experiments and runs: start, follow, stop, look back.</summary>
    public RunsClient Runs { get; }

    /// <summary>Networks that people wrote.</summary>
    public NetworksClient Networks { get; }

    /// <summary>Groups of runs that answer one question: several seeds, leave-one-speaker-out, learning curves.</summary>
    public StudiesClient Studies { get; }

    /// <summary>Searches for the best parameters.</summary>
    public SearchesClient Searches { get; }

    /// <summary>Pipelines: what is done every day by itself.</summary>
    public PipelinesClient Pipelines { get; }

    /// <summary>Models, versions and promotion.</summary>
    public ModelsClient Models { get; }

    /// <summary>Reading clips.</summary>
    public TranscriptionsClient Transcriptions { get; }

    /// <summary>Live captions.</summary>
    public StreamsClient Streams { get; }

    /// <summary>Artifacts by hash.</summary>
    public ArtifactsClient Artifacts { get; }

    /// <summary>A client for the node that is found: <c>LIPSOL_URL</c> and <c>LIPSOL_TOKEN</c> where set, else the data folder's <c>node.json</c>. Nothing is sent yet.</summary>
    /// <remarks>Over HTTPS, a node's certificate is believed where the system believes it; or where <c>LIPSOL_CA</c> names a file (PEM) of whom to believe instead; or where it's the one that <c>node.json</c> tells of.</remarks>
    /// <param name="dataFolder">The node's data folder; null: <see cref="NodeFile.FindDataFolder"/>.</param>
    /// <exception cref="LipSolUnreachableException">No node is named and none runs on the data folder.</exception>
    public static LipSolClient Connect(string? dataFolder = null)
    {
        if (dataFolder is null && Environment.GetEnvironmentVariable("LIPSOL_URL") is { Length: > 0 } named)
        {
            if (!Uri.TryCreate(named, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new LipSolException($"LIPSOL_URL is \"{named}\", which is not the address of a node. It looks like http://127.0.0.1:5000.");
            return new LipSolClient(url, Environment.GetEnvironmentVariable("LIPSOL_TOKEN") is { Length: > 0 } token ? token : null, ServerTrust.FromEnvironment(), ownsHandler: true);
        }
        var folder = dataFolder ?? NodeFile.FindDataFolder();
        var node = NodeFile.Read(folder)
            ?? throw new LipSolUnreachableException($"No LipSol node runs on {folder}. Start one with `lipsol up`, or set LIPSOL_URL and LIPSOL_TOKEN.");
        return new LipSolClient(new Uri(node.Url), node.ReadToken(), node.Certificate is { } fingerprint ? ServerTrust.OfNode(fingerprint) : ServerTrust.FromEnvironment(), ownsHandler: true);
    }

    /// <summary>As <see cref="Connect"/>, and asks the node for its status: what it returns is known to work.</summary>
    /// <exception cref="LipSolUnreachableException">No node answers.</exception>
    /// <exception cref="LipSolUnauthorizedException">The token is wrong.</exception>
    public static async Task<LipSolClient> ConnectAsync(string? dataFolder = null, CancellationToken cancellationToken = default)
    {
        var client = Connect(dataFolder);
        try
        {
            await client.GetNodeAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The node: its slots, what runs on them, what waits and why.</summary>
    public Task<NodeStatus> GetNodeAsync(CancellationToken cancellationToken = default) =>
        connection.GetAsync<NodeStatus>("api/v1/node", cancellationToken);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => connection.Dispose();
}
