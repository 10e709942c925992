using System.Net;

namespace LipSol.Silo.Node;

/// <summary>How a node is started.</summary>
internal sealed record NodeOptions
{
    /// <summary>Folder of what is the node's own; where nothing else is said also of corpora, artifacts, database and token. One node at a time.</summary>
    public required string DataFolder { get; init; }
    /// <summary>Port of the HTTP API; 0 takes a free one.</summary>
    public int Port { get; init; } = 5000;
    /// <summary>Address that the HTTP API listens on. Everything but loopback is reachable from other machines.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;
    /// <summary>The node's name in the cluster.</summary>
    public string Name { get; init; } = Environment.MachineName.ToLowerInvariant();
    /// <summary>Port on which nodes talk to each other; 0 takes a free one.</summary>
    public int SiloPort { get; init; }
    /// <summary>Port for Orleans clients inside the cluster's network; 0 takes a free one.</summary>
    public int GatewayPort { get; init; }
    /// <summary>The database of the cluster to join, as <c>StorageOptions.Parse</c> takes it; null: a node by itself, with a database in its data folder. May hold a password: never printed.</summary>
    public string? Join { get; init; }
    /// <summary>Address by which other nodes reach this one; null: loopback where the cluster is of one machine, else this machine's first address that isn't.</summary>
    public IPAddress? Advertise { get; init; }
    /// <summary>Folder that all nodes of the cluster see: corpora, artifacts, run logs, token; null: the data folder.</summary>
    public string? SharedFolder { get; init; }
    /// <summary>Where artifacts come from that the store hasn't: a remote of <see cref="RemoteFolder"/> or of the user's DVC settings, a folder, an S3 address; null: from nowhere.</summary>
    public string? Remote { get; init; }
    /// <summary>What runs may ask for by name.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    /// <summary>Main memory for the node's runs together, in bytes; 0: what the machine or the container has, less a share for the node.</summary>
    public long Memory { get; init; }
    /// <summary>File that holds the token; null: <c>token</c> in the shared folder. Made where it's absent.</summary>
    public string? TokenFile { get; init; }
    /// <summary>Runs that train at once on a node without GPUs.</summary>
    public int Slots { get; init; } = 1;
    /// <summary>Networks that people write are tried and trained here, confined, where the machine can do that.</summary>
    public bool Networks { get; init; } = true;
    /// <summary>Threads of a slot; 0 shares the processors among the slots.</summary>
    public int Threads { get; init; }
    /// <summary>Where models are computed: <c>auto</c>, <c>cpu</c>, <c>cuda:n</c>.</summary>
    public string Device { get; init; } = "auto";
    /// <summary>How models are served.</summary>
    public Serving.ServingOptions Serving { get; init; } = new();
    /// <summary>Another program owns this node: Ctrl-C in their terminal is that program's, and the node stops when its standard input closes.</summary>
    public bool Attached { get; init; }
    /// <summary>The node was started for one command: what its runs leave behind waits for someone to resume it.</summary>
    public bool Owned { get; init; }
    /// <summary>What an upload may be at most.</summary>
    public Transcriptions.UploadLimits Uploads { get; init; } = new();

    /// <summary>How slow a client may be.</summary>
    public Http.ClientPatience Clients { get; init; } = new();

    /// <summary>What streams may cost.</summary>
    public Streaming.StreamLimits Streams { get; init; } = new();

    /// <summary>How much one named token may ask for.</summary>
    public Access.TokenLimits TokenLimits { get; init; } = new();

    /// <summary>The certificate that HTTPS is spoken with; null: HTTP.</summary>
    public CertificateFiles? Certificate { get; init; }

    /// <summary>What is told of the node, to whom, and how it's logged.</summary>
    public Telemetry.TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What a bundle may be at most.</summary>
    public Inference.BundleLimits Bundles { get; init; } = new();

    /// <summary>Most bytes of a file that is taken into the artifact store over HTTP: weights to start from.</summary>
    public long ArtifactBytes { get; init; } = 1L << 30;

    /// <summary>What notices of pipelines are signed with; null: none can be sent. Never printed.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Where all nodes of the cluster find the same: the data folder of a node by itself.</summary>
    public string CommonFolder => SharedFolder ?? DataFolder;
    /// <summary>Root of the artifact store.</summary>
    public string ArtifactFolder => Path.Combine(CommonFolder, "artifacts");
    /// <summary>Settings of remotes, as in a repository's <c>.dvc</c>: <c>config</c> and <c>config.local</c>.</summary>
    public string RemoteFolder => Path.Combine(CommonFolder, "remote");
    /// <summary>What the workers of runs printed.</summary>
    public string LogFolder => Path.Combine(CommonFolder, "logs");
    /// <summary>Where uploads lie while they are read.</summary>
    public string UploadFolder => Path.Combine(DataFolder, "uploads");
    /// <summary>Where bundles lie while they are packed and checked.</summary>
    public string BundleFolder => Path.Combine(DataFolder, "cache", "bundles");
    /// <summary>Model folders fetched from the artifact store.</summary>
    public string ModelCacheFolder => Path.Combine(DataFolder, "cache", "models");
    /// <summary>The token's file.</summary>
    public string TokenPath => TokenFile ?? Path.Combine(CommonFolder, "token");

    /// <summary>The options without what may be secret.</summary>
    public override string ToString() => $"node {Name} on {DataFolder}";
}
