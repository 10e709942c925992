using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Nodes;

/// <summary>How a node serves models; passed on to it.</summary>
internal sealed class ServingOptions
{
    private readonly Option<int?> passes = new("--serve-passes") { Description = "Passes through a served model's network at once [default: by the machine]." };
    private readonly Option<int?> threads = new("--serve-threads") { Description = "Threads of each pass [default: by the machine]." };
    private readonly Option<int?> batch = new("--serve-batch") { Description = "Most clips of a pass [default: by the device]." };
    private readonly Option<double?> delay = new("--serve-delay-ms") { Description = "How long a clip waits for company while the network has nothing to do [default: by the device]." };
    private readonly Option<double?> wait = new("--serve-wait-ms") { Description = "How long a clip may have to wait for its turn; more are told to come back [default: 100]." };

    public IEnumerable<Symbol> All => [passes, threads, batch, delay, wait];

    /// <summary>Those that were given, as the node takes them.</summary>
    public IEnumerable<string> Arguments(Invocation call)
    {
        (string Option, IFormattable? Value)[] given =
            [(passes.Name, call.Value(passes)), (threads.Name, call.Value(threads)), (batch.Name, call.Value(batch)), (delay.Name, call.Value(delay)), (wait.Name, call.Value(wait))];
        return given.Where(g => g.Value is not null).SelectMany(g => new[] { g.Option, g.Value!.ToString(null, CultureInfo.InvariantCulture) });
    }
}
