using System.CommandLine;

namespace LipSol.Cli.CommandLine;

/// <summary>Options of the form <c>--set key=value</c>, any number of them.</summary>
internal static class KeyValues
{
    public static Option<string[]> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "key=value",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <exception cref="BadInputException">A pair isn't one, or a key comes twice.</exception>
    public static Dictionary<string, string> Parse(string option, IEnumerable<string>? pairs)
    {
        var values = new Dictionary<string, string>();
        foreach (var pair in pairs ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new BadInputException($"{option} {pair}: write {option} key=value, e.g. {option} epochs=30.");
            if (!values.TryAdd(pair[..at], pair[(at + 1)..])) throw new BadInputException($"{option}: {pair[..at]} is given twice.");
        }
        return values;
    }
}
