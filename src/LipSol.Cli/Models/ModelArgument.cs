using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary>A model version on the command line: <c>NAME[@version|@alias]</c>.</summary>
internal static class ModelArgument
{
    public const string Form = "MODEL[@version|@alias]";

    /// <exception cref="BadInputException">It isn't one.</exception>
    public static ModelReference Parse(string text)
    {
        try
        {
            return ModelReference.Parse(text);
        }
        catch (FormatException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }
}
