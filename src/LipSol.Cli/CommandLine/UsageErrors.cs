using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using LipSol.Cli.Terminals;

namespace LipSol.Cli.CommandLine;

/// <summary>A command line that isn't one: what is wrong, how it's meant, exit status 2. Nothing of it goes to stdout but the JSON document where one was asked for.</summary>
internal static class UsageErrors
{
    public static int Tell(ParseResult parsed, bool json, TextWriter output, TextWriter error)
    {
        // Where too few arguments are given they aren't looked at, and a misspelt option is one of them.
        var misspelt = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Where(t => CliCommand.LooksLikeOption(t.Value)).Select(t => CliCommand.NoSuchOption(t.Value));
        var problems = misspelt.Concat(parsed.Errors.Select(e => e.Message.TrimEnd())).Distinct().ToArray();
        foreach (var problem in problems) error.WriteLine(problem);
        var command = parsed.CommandResult.Command;
        error.WriteLine();
        if (command.Subcommands.Count > 0)
        {
            error.WriteLine("Commands:");
            foreach (var sub in command.Subcommands) error.WriteLine($"  {PathOf(sub, parsed)}  {sub.Description}");
        }
        else if (command is CliCommand { Examples: { Count: > 0 } examples })
        {
            error.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in examples) error.WriteLine("  " + example);
        }
        error.WriteLine($"`{PathOf(null, parsed)} --help` says more.");
        if (json) output.WriteLine(JsonSerializer.Serialize(new { error = string.Join(' ', problems) }, Terminal.JsonOptions));
        return ExitStatus.BadInput;
    }

    private static string PathOf(Command? below, ParseResult parsed)
    {
        var names = new Stack<string>();
        if (below is not null) names.Push(below.Name);
        for (var result = parsed.CommandResult; result is { Command: not RootCommand }; result = result.Parent as CommandResult) names.Push(result.Command.Name);
        return string.Join(' ', names.Prepend("lipsol"));
    }
}
