using System.CommandLine;
using LipSol.Cli.Terminals;

namespace LipSol.Cli.CommandLine;

/// <summary>One call of a command: its arguments, where it prints, when it's to stop.</summary>
internal sealed class Invocation : IDisposable
{
    private readonly ParseResult parsed;

    public Invocation(ParseResult parsed, CancellationToken cancelled)
    {
        this.parsed = parsed;
        Cancelled = cancelled;
        Terminal = new Terminal(parsed.GetValue(SharedOptions.Json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
    }

    public Terminal Terminal { get; }

    /// <summary>Ctrl-C.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>The data folder, named or found.</summary>
    public string DataFolder => Nodes.DataFolder.Find(parsed.GetValue(SharedOptions.Data));

    /// <summary>Where corpora and artifacts lie: the data folder, or the folder that its node shares with others.</summary>
    public string SharedFolder => Nodes.DataFolder.Shared(DataFolder);

    public T Value<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>Those of the options that were given, as they were, for another program that knows them.</summary>
    public IEnumerable<string> Given(IEnumerable<Option> options) =>
        options.SelectMany(option => parsed.GetResult(option) is { Implicit: false } given ? given.Tokens.SelectMany(token => new[] { option.Name, token.Value }) : []);

    public void Dispose() => Terminal.Dispose();
}
