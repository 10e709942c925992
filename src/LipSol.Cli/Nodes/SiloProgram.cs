using System.Diagnostics;
using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Nodes;

/// <summary>The silo's program.</summary>
internal static class SiloProgram
{
    /// <summary>How to start a node that lives no longer than this program: it sees its standard input close, and leaves Ctrl-C to this program.</summary>
    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        try
        {
            var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Silo", "LIPSOL_SILO", "silo"), [.. arguments, "--attached"]);
            start.RedirectStandardInput = true;
            return start;
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }
}
