namespace LipSol.Silo.Workers;

/// <summary>Folders that workers write to.</summary>
internal static class WorkFolder
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes one with all that is in it, also where a worker made folders there that nobody may look into. What can't be removed stays, and the log says why.</summary>
    public static void Remove(string folder, ILogger logger)
    {
        try
        {
            if (!Directory.Exists(folder)) return;
            if (!OperatingSystem.IsWindows()) Open(folder);
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Temporary files in {Folder} stay: {Reason}", folder, e.Message);
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Open(string folder)
    {
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | Own);
        foreach (var below in new DirectoryInfo(folder).EnumerateDirectories())
            if (below.LinkTarget is null) Open(below.FullName);
    }
}
