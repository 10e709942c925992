using System.CommandLine;
using LipSol.Silo.Node;

namespace LipSol.Silo.Serving;

/// <summary>The part of the node's command line that says how models are served.</summary>
internal static class ServingArguments
{
    /// <exception cref="NodeStartException">One is out of range.</exception>
    public static ServingOptions Read(NodeArguments arguments, ParseResult parsed) => new()
    {
        Passes = Within(arguments.ServePasses, parsed.GetValue(arguments.ServePasses), 0, 256),
        Threads = Within(arguments.ServeThreads, parsed.GetValue(arguments.ServeThreads), 0, 1024),
        LargestBatch = Within(arguments.ServeBatch, parsed.GetValue(arguments.ServeBatch), 0, 1024),
        Delay = parsed.GetValue(arguments.ServeDelay) is { } company ? TimeSpan.FromMilliseconds(Within(arguments.ServeDelay, company, 0, 1000)) : null,
        LongestWait = TimeSpan.FromMilliseconds(Within(arguments.ServeWait, parsed.GetValue(arguments.ServeWait), 1, 30_000)),
    };

    private static T Within<T>(Option option, T value, T least, T most) where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0 ? value : throw new NodeStartException(FormattableString.Invariant($"{option.Name} is {value}. Give {least} to {most}."));
}
