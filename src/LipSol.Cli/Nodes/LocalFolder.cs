using LipSol.Cli.CommandLine;
using LipSol.Client;

namespace LipSol.Cli.Nodes;

/// <summary>For commands that work on files of the data folder: with a node elsewhere they'd mix the corpora of one place with the runs of another.</summary>
internal static class LocalFolder
{
    /// <exception cref="BadInputException"><c>LIPSOL_URL</c> names another node than that of the data folder.</exception>
    public static void Require(Invocation call, string command)
    {
        if (Environment.GetEnvironmentVariable("LIPSOL_URL") is not { Length: > 0 } url) return;
        if (NodeFile.Read(call.DataFolder)?.Url.TrimEnd('/') == url.TrimEnd('/')) return;
        throw new BadInputException($"`lipsol {command}` works on the files of {call.DataFolder}, and LIPSOL_URL names a node elsewhere ({url}). Run it where that node is, or without LIPSOL_URL.");
    }
}
