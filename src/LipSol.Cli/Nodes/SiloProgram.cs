using System.Diagnostics;
using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Nodes;

/// <summary>The silo's program.</summary>
internal static class SiloProgram
{
    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        try
        {
            return WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Silo", "LIPSOL_SILO", "silo"), arguments);
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailedException(e.Message, e);
        }
    }
}
