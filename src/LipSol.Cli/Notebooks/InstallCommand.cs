using System.CommandLine;
using System.Text.RegularExpressions;
using LipSol.Cli.CommandLine;
using LipSol.Kernel.Jupyter;

namespace LipSol.Cli.Notebooks;

/// <summary><c>notebook install</c>: lets Jupyter and VS Code run notebooks with LipSol's kernel.</summary>
internal static partial class InstallCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "The name by which notebooks ask for the kernel; .net-csharp is what those of .NET Interactive ask for.", HelpName = "NAME", DefaultValueFactory = _ => KernelSpec.DefaultName };
        var folder = new Option<string?>("--dir") { Description = "The folder of kernels; this user's where it isn't given.", HelpName = "DIR" };
        return new CliCommand("install", "Tell Jupyter of LipSol's kernel. A kernel of that name that isn't LipSol's stays as it is.", "lipsol notebook install")
            .With(name, folder)
            .Does(async call =>
            {
                var called = call.Value(name)!;
                if (!KernelName().IsMatch(called))
                    throw new BadInputException($"{called} can't be a kernel's name: letters, digits, '.', '_' and '-' can.");
                try
                {
                    var into = call.Value(folder) is { } given ? Path.GetFullPath(given) : KernelSpec.UserFolder;
                    var written = await KernelSpec.WriteAsync(into, called, [.. OwnProgram.Command, "notebook", "kernel"], call.Value(folder) is null ? KernelSpec.SharedFolders : null, call.Cancelled);
                    call.Terminal.Line($"Jupyter now runs notebooks that ask for {called} with LipSol's kernel: {written}");
                    if (call.Terminal.Json) call.Terminal.Document(new { installed = written, name = called });
                    return ExitStatus.Done;
                }
                catch (KernelSpecException e)
                {
                    throw new BadInputException(e.Message, e);
                }
            });
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+$")]
    private static partial Regex KernelName();
}
