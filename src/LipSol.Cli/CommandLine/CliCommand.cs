using System.CommandLine;

namespace LipSol.Cli.CommandLine;

/// <summary>A command with examples in its help, and one place where errors become exit statuses.</summary>
internal sealed class CliCommand : Command
{
    public CliCommand(string name, string description, params string[] examples) : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>What the command does; returns its exit status.</summary>
    public CliCommand Does(Func<Invocation, Task<int>> body)
    {
        SetAction(async (parsed, cancellationToken) =>
        {
            using var invocation = new Invocation(parsed, cancellationToken);
            return await Outcomes.RunAsync(invocation, body);
        });
        return this;
    }

    public CliCommand With(params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument: Add(argument); break;
                case Option option: Add(option); break;
                case Command command: Add(command); break;
            }
        }
        return this;
    }
}
