namespace LipSol.Cli.Notebooks;

/// <summary>How this very program is started: by the dotnet command, or by itself where it was published so.</summary>
internal static class OwnProgram
{
    private static readonly string Library = typeof(OwnProgram).Assembly.Location;

    /// <summary>The program, and what comes before its arguments.</summary>
    public static string[] Command =>
        Environment.ProcessPath is { } program && Path.GetFileNameWithoutExtension(program) == Path.GetFileNameWithoutExtension(Library) ? [program] : [Host, Library];

    private static string Host => Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
}
