using System.CommandLine;

namespace LipSol.Silo.Node;

/// <summary>
/// What a person may say of a node, on its own command line and on <c>lipsol up</c>'s, which compiles this file too: one list, so that neither knows an option that the other lacks.
/// What is out of range is told by the node.
/// </summary>
internal sealed class NodeArguments
{
    /// <summary>What the cluster's database is taken from where <c>--join</c> isn't given: a password has no place in a list of processes.</summary>
    public const string JoinVariable = "LIPSOL_JOIN";

    /// <summary>Environment variable of the remote, where <c>--remote</c> isn't given.</summary>
    public const string RemoteVariable = "LIPSOL_REMOTE";

    public Option<int> Port { get; } = new("--port") { Description = "Port of the HTTP API and the pages; 0 takes a free one.", DefaultValueFactory = _ => 5000 };
    public Option<string> Bind { get; } = new("--bind") { Description = "Address to listen on. Everything but loopback can be reached from other machines.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    public Option<string?> Certificate { get; } = new("--certificate") { Description = "Speak HTTPS with this certificate: PEM, or PKCS #12 (.pfx); the password of an encrypted key is taken from LIPSOL_CERTIFICATE_PASSWORD.", HelpName = "FILE" };
    public Option<string?> Key { get; } = new("--key") { Description = "The certificate's private key, PEM, where it's in a file of its own.", HelpName = "FILE" };
    public Option<string?> TokenFile { get; } = new("--token-file") { Description = "File that holds the node's token [default: 'token' in the shared folder].", HelpName = "FILE" };
    public Option<double> TokenRequests { get; } = new("--token-requests") { Description = "Requests a second that one named token may send; 0: any number.", HelpName = "N", DefaultValueFactory = _ => 200 };
    public Option<int> TokenUploads { get; } = new("--token-uploads") { Description = "Uploads at once that one named token may have; 0: any number.", HelpName = "N", DefaultValueFactory = _ => 16 };
    public Option<int> MaxUploadMegabytes { get; } = new("--max-upload-mb") { Description = "Largest clip that is accepted, in MB.", HelpName = "MB", DefaultValueFactory = _ => 64 };
    public Option<double> MaxUploadSeconds { get; } = new("--max-upload-seconds") { Description = "Longest clip that is accepted, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
    public Option<double> KeepAnswers { get; } = new("--keep-answers") { Description = "How long transcriptions can be fetched by their id, in hours; 0 keeps none.", HelpName = "HOURS", DefaultValueFactory = _ => 24 };
    public Option<int> Slots { get; } = new("--slots") { Description = "Runs that train at once on a node without GPUs.", HelpName = "N", DefaultValueFactory = _ => 1 };
    public Option<string> Networks { get; } = new Option<string>("--networks") { Description = "Networks that people write (`#!model`): on tries and trains them, confined, where the machine can; off refuses them.", HelpName = "on|off", DefaultValueFactory = _ => "on" }.AcceptOnlyFromAmong("on", "off");
    public Option<int> Threads { get; } = new("--threads") { Description = "Threads of a slot; 0 shares the processors among the slots.", HelpName = "N" };
    public Option<string?> Memory { get; } = new("--memory") { Description = "Main memory for runs, e.g. 16GB [default: what there is, less a share for the node].", HelpName = "SIZE" };
    public Option<string> Device { get; } = new("--device") { Description = "Where models are computed: auto, cpu, cuda:0, ….", HelpName = "DEVICE", DefaultValueFactory = _ => "auto" };
    public Option<int> ServePasses { get; } = new("--serve-passes") { Description = "Passes through a served model's network at once; 0 chooses by the machine.", HelpName = "N" };
    public Option<int> ServeThreads { get; } = new("--serve-threads") { Description = "Threads of each pass; 0 chooses by the machine.", HelpName = "N" };
    public Option<int> ServeBatch { get; } = new("--serve-batch") { Description = "Most clips of a pass; 0 chooses by the device.", HelpName = "N" };
    public Option<double?> ServeDelay { get; } = new("--serve-delay-ms") { Description = "How long a clip waits for company while the network has nothing to do [default: by the device].", HelpName = "MS" };
    public Option<double> ServeWait { get; } = new("--serve-wait-ms") { Description = "How long a clip may have to wait for its turn; more are told to come back (429).", HelpName = "MS", DefaultValueFactory = _ => 100 };
    public Option<string?> Name { get; } = new("--name") { Description = "The node's name [default: the machine's].", HelpName = "NAME" };
    public Option<string?> Join { get; } = new("--join") { Description = $"Database of the cluster to join: \"Host=…;Database=…;Username=…\", or \"Data Source=FILE\" for several nodes of one machine; else from {JoinVariable}.", HelpName = "DATABASE" };
    public Option<string?> Shared { get; } = new("--shared") { Description = "Folder that all nodes see: corpora, artifacts, run logs, token [default: the data folder].", HelpName = "DIR" };
    public Option<string?> Remote { get; } = new("--remote") { Description = $"Where versions of data and models come from that aren't on this node: a remote's name, a folder, s3://bucket/folder; else from {RemoteVariable}.", HelpName = "REMOTE" };
    public Option<string[]> Labels { get; } = new("--label") { Description = "What runs may ask for by name; repeatable.", HelpName = "LABEL", AllowMultipleArgumentsPerToken = false };
    public Option<string?> Advertise { get; } = new("--advertise") { Description = "Address of this machine by which other nodes reach this one.", HelpName = "ADDRESS" };
    public Option<int> SiloPort { get; } = new("--silo-port") { Description = "Port between nodes; 0 takes a free one.", HelpName = "PORT" };
    public Option<int> GatewayPort { get; } = new("--gateway-port") { Description = "Port for Orleans clients inside the cluster's network; 0 takes a free one.", HelpName = "PORT" };
    public Option<string> LogFormat { get; } = new Option<string>("--log-format") { Description = "text, or json: one JSON document a line, on stderr.", HelpName = "text|json", DefaultValueFactory = _ => "text" }.AcceptOnlyFromAmong("text", "json");

    /// <summary>All of them. Where the data lies is a matter of whoever starts the node.</summary>
    public IReadOnlyList<Option> All =>
    [
        Port, Bind, Certificate, Key, TokenFile, TokenRequests, TokenUploads, MaxUploadMegabytes, MaxUploadSeconds, KeepAnswers, Slots, Networks, Threads, Memory, Device,
        ServePasses, ServeThreads, ServeBatch, ServeDelay, ServeWait, Name, Join, Shared, Remote, Labels, Advertise, SiloPort, GatewayPort, LogFormat,
    ];
}
