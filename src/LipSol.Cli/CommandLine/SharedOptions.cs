using System.CommandLine;

namespace LipSol.Cli.CommandLine;

/// <summary>Options that every command has.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON document on stdout; text for people goes to stderr.", Recursive = true };

    public static readonly Option<string?> Data = new("--data")
    {
        Description = "The data folder [default: LIPSOL_DATA, else .lipsol of this project or folder].",
        HelpName = "DIR",
        Recursive = true,
    };
}
