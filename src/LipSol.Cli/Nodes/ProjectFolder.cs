using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Nodes;

/// <summary>Where LipSol's own files lie: the repository, or the folder of a published copy.</summary>
internal static class ProjectFolder
{
    /// <summary>The nearest folder upwards that holds <paramref name="relative"/>.</summary>
    /// <exception cref="CommandFailedException">There is none.</exception>
    public static string Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (File.Exists(path) || Directory.Exists(path)) return path;
        }
        throw new CommandFailedException($"{relative} was not found above {AppContext.BaseDirectory}. Run this from a copy of LipSol that has it.");
    }
}
