using System.CommandLine;
using LipSol.Silo.Node;

namespace LipSol.Silo.Serving;

/// <summary>The part of the node's command line that says how models are served.</summary>
internal sealed class ServingArguments
{
    private readonly Option<int> passes = new("--serve-passes") { Description = "passes through a model's network at once; 0 chooses by the machine" };
    private readonly Option<int> threads = new("--serve-threads") { Description = "threads of each pass; 0 chooses by the machine" };
    private readonly Option<int> batch = new("--serve-batch") { Description = "most clips of a pass; 0 chooses by the device" };
    private readonly Option<double?> delay = new("--serve-delay-ms") { Description = "how long a clip waits for company while the network has nothing to do; chosen by the device where not given" };
    private readonly Option<double> wait = new("--serve-wait-ms") { Description = "how long a clip may have to wait for its turn; more are told to come back (429)", DefaultValueFactory = _ => new ServingOptions().LongestWait.TotalMilliseconds };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[passes, threads, batch, delay, wait]) command.Add(option);
    }

    /// <exception cref="NodeStartException">One is out of range.</exception>
    public ServingOptions Read(ParseResult parsed) => new()
    {
        Passes = Within(passes, parsed.GetValue(passes), 0, 256),
        Threads = Within(threads, parsed.GetValue(threads), 0, 1024),
        LargestBatch = Within(batch, parsed.GetValue(batch), 0, 1024),
        Delay = parsed.GetValue(delay) is { } company ? TimeSpan.FromMilliseconds(Within(delay, company, 0, 1000)) : null,
        LongestWait = TimeSpan.FromMilliseconds(Within(wait, parsed.GetValue(wait), 1, 30_000)),
    };

    private static T Within<T>(Option option, T value, T least, T most) where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? value : throw new NodeStartException(FormattableString.Invariant($"{option.Name} is {value}. Give {least} to {most}."));
}
