using System.CommandLine;
using System.CommandLine.Parsing;

namespace LipSol.Cli.CommandLine;

/// <summary>A command with examples in its help, and one place where errors become exit statuses.</summary>
internal sealed class CliCommand : Command
{
    public CliCommand(string name, string description, params string[] examples) : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Whether it answers Ctrl-C itself, in another way than by stopping.</summary>
    public bool TakesSignals { get; init; }

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
                case Argument argument:
                    argument.Validators.Add(RefuseUnknownOptions);
                    Add(argument);
                    break;
                case Option option: Add(option); break;
                case Command command: Add(command); break;
            }
        }
        return this;
    }

    /// <summary>A misspelt option would else be taken for an argument: a file, a run. What begins with a dash is written ./-like-this.</summary>
    private static void RefuseUnknownOptions(ArgumentResult argument)
    {
        foreach (var token in argument.Tokens.Where(t => LooksLikeOption(t.Value))) argument.AddError(NoSuchOption(token.Value));
    }

    /// <summary>Whether what stands in an argument's place was meant as an option.</summary>
    public static bool LooksLikeOption(string token) => token.Length > 1 && token[0] == '-';

    /// <summary>What is said of it.</summary>
    public static string NoSuchOption(string token) => $"There is no option {token}.";
}
