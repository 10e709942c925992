using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Magics;

/// <summary>One magic that asks the kernel for something.</summary>
/// <param name="Name">As written after <c>#!</c>.</param>
/// <param name="Usage">Name and arguments.</param>
/// <param name="Summary">What it does.</param>
/// <param name="RunAsync">Does it; answers the error of code that it ran.</param>
internal sealed record MagicCommand(string Name, string Usage, string Summary, Func<MagicLine, MagicCall, Task<CellError?>> RunAsync);

/// <summary>All magics but those that choose a language.</summary>
internal static class MagicCommands
{
    public static IReadOnlyList<MagicCommand> All { get; } =
    [
        new("about", "#!about", "Which kernel this is, and on what it runs", About.RunAsync),
        new("import", "#!import FILE", "Run a notebook (.ipynb, .dib) or a file of C# (.cs) here", ImportedFile.RunAsync),
        new("lsmagic", "#!lsmagic", "This list", MagicList.RunAsync),
        new("set", "#!set --name N --value V", "Set a variable: to a text, to another kernel's value (@value:x, @csharp:x, @fsharp:x), or to what is typed (@input:question, @password:question)", SharedVariables.SetAsync),
        new("share", "#!share N --from KERNEL [--as M]", "Take a value over from another kernel (csharp, fsharp, value)", SharedVariables.ShareAsync),
        new("time", "#!time", "Tell how long the cell takes from this line on", Stopwatches.StartAsync),
        new("who", "#!who", "The names of the variables there are", VariableTable.NamesAsync),
        new("whos", "#!whos", "The variables there are, with their types and values", VariableTable.TableAsync),
    ];

    public static MagicCommand? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
