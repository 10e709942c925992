using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LipSol.Cli.CommandLine;

/// <summary>The usual help, with the command's examples below.</summary>
internal sealed class ExampleHelp(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>Whoever asks for help hasn't given the arguments yet: their lack is no error.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        var status = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // The library takes the file's name for the program's.
        output.Write(text.ToString().Replace("  " + RootCommand.ExecutableName, "  lipsol", StringComparison.Ordinal));
        if (parseResult.CommandResult.Command is CliCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine(command.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in command.Examples) output.WriteLine("  " + example);
            output.WriteLine();
        }
        return status;
    }
}
