using LipSol.Client;

namespace LipSol.Cli.Nodes;

/// <summary>Where LipSol keeps corpora, artifacts, history and models.</summary>
internal static class DataFolder
{
    /// <summary>The folder named, else <c>LIPSOL_DATA</c>, else the nearest <c>.lipsol</c> upwards, else <c>.lipsol</c> of the project (or current) folder.</summary>
    public static string Find(string? named)
    {
        if (named is { Length: > 0 }) return Path.GetFullPath(named);
        if (Environment.GetEnvironmentVariable("LIPSOL_DATA") is { Length: > 0 } fromEnvironment) return Path.GetFullPath(fromEnvironment);
        string? project = null;
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, NodeFile.DefaultDataFolder);
            if (Directory.Exists(candidate)) return candidate;
            if (project is null && File.Exists(Path.Combine(folder.FullName, "LipSol.slnx"))) project = candidate;
        }
        return project ?? Path.GetFullPath(NodeFile.DefaultDataFolder);
    }

    /// <summary>Where the corpora and artifacts of a data folder lie: itself, unless its node was last started with <c>--shared</c> (it keeps that in the file <c>shared</c>).</summary>
    public static string Shared(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "shared");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } shared ? shared : dataFolder;
    }
}
