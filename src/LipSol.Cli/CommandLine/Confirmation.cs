using System.CommandLine;

namespace LipSol.Cli.CommandLine;

/// <summary>What can't be undone is asked for: on a terminal by a question, in a script by <c>--yes</c>.</summary>
internal static class Confirmation
{
    /// <summary>The option by which nobody is asked.</summary>
    public static Option<bool> Yes() => new("--yes") { Description = "Don't ask." };

    /// <summary>Returns where it's to be done.</summary>
    /// <param name="call">The call.</param>
    /// <param name="yes">The command's <see cref="Yes"/>.</param>
    /// <param name="question">What would be done, as a question.</param>
    /// <exception cref="BadInputException">Nobody can be asked.</exception>
    /// <exception cref="CommandFailedException">Whoever was asked said no, or nothing.</exception>
    public static void Require(Invocation call, Option<bool> yes, string question)
    {
        if (call.Value(yes)) return;
        if (Console.IsInputRedirected) throw new BadInputException($"{question} Nobody can be asked here: give --yes to do it.");
        call.Terminal.Note($"{question} [y/N]");
        if (Console.ReadLine()?.Trim().ToLowerInvariant() is not ("y" or "yes")) throw new CommandFailedException("Nothing was changed.");
    }
}
