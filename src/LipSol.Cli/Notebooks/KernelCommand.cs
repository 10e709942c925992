using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Kernel.Jupyter;

namespace LipSol.Cli.Notebooks;

/// <summary><c>notebook kernel</c>: what Jupyter starts. SIGINT interrupts the running cell, so the command takes signals itself.</summary>
internal static class KernelCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--connection") { Description = "The connection file that Jupyter wrote.", HelpName = "FILE", Required = true };
        return new CliCommand("kernel", "Be the kernel of one notebook. Jupyter starts this; `lipsol notebook install` tells it how.", "lipsol notebook kernel --connection connection.json") { TakesSignals = true }
            .With(file)
            .Does(async call =>
            {
                try
                {
                    // The notebook finds the node as any program does.
                    Environment.SetEnvironmentVariable("LIPSOL_DATA", call.DataFolder);
                    await JupyterKernel.RunAsync(ConnectionFile.Read(Path.GetFullPath(call.Value(file)!)), call.Cancelled);
                    // A thread that a cell left behind would keep the process for ever.
                    Environment.Exit(ExitStatus.Done);
                    return ExitStatus.Done;
                }
                catch (ConnectionFileException e)
                {
                    throw new BadInputException(e.Message, e);
                }
            });
    }
}
