using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Nodes;

/// <summary>What makes a node one of several; passed on to it.</summary>
internal sealed class ClusterOptions
{
    // The node takes it from its environment, which other users can't see: a list of processes shows arguments.
    public const string JoinVariable = "LIPSOL_JOIN";

    private readonly Option<string?> join = new("--join")
    {
        Description = $"Database of the cluster to join; else from {JoinVariable}. \"Data Source=FILE\" for several nodes of one machine.",
        HelpName = "DATABASE",
    };

    private readonly Option<string?> name = new("--name") { Description = "The node's name [default: the machine's]." };
    private readonly Option<string?> shared = new("--shared") { Description = "Folder that all nodes see: corpora, artifacts, run logs, token [default: the data folder].", HelpName = "DIR" };
    private readonly Option<string?> advertise = new("--advertise") { Description = "Address of this machine by which other nodes reach this one.", HelpName = "ADDRESS" };
    private readonly Option<int?> siloPort = new("--silo-port") { Description = "Port between nodes [default: a free one].", HelpName = "PORT" };
    private readonly Option<int?> gatewayPort = new("--gateway-port") { Description = "Port for Orleans clients inside the cluster's network [default: a free one].", HelpName = "PORT" };
    private readonly Option<string[]> labels = new("--label") { Description = "What runs may ask for by name; repeatable.", HelpName = "LABEL", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string?> memory = new("--memory") { Description = "Main memory for runs, e.g. 16GB [default: what there is, less a share for the node].", HelpName = "SIZE" };

    public IEnumerable<Symbol> All => [join, name, shared, advertise, siloPort, gatewayPort, labels, memory];

    /// <summary>Those that were given, as the node takes them; but for the database.</summary>
    public IEnumerable<string> Arguments(Invocation call)
    {
        (string Option, string? Value)[] given =
        [
            ("--name", call.Value(name)), ("--shared", call.Value(shared)), ("--advertise", call.Value(advertise)), ("--memory", call.Value(memory)),
            ("--silo-port", call.Value(siloPort)?.ToString(CultureInfo.InvariantCulture)), ("--gateway-port", call.Value(gatewayPort)?.ToString(CultureInfo.InvariantCulture)),
            .. (call.Value(labels) ?? []).Select(l => ("--label", (string?)l)),
        ];
        return given.Where(g => g.Value is not null).SelectMany(g => new[] { g.Option, g.Value! });
    }

    /// <summary>Tells the node which database to join.</summary>
    public void Join(Invocation call, ProcessStartInfo start)
    {
        if (call.Value(join) is { } database) start.Environment[JoinVariable] = database;
    }
}
