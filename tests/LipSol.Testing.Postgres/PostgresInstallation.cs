namespace LipSol.Testing.Postgres;

/// <summary>Where this machine has PostgreSQL's programs.</summary>
public static class PostgresInstallation
{
    // Debian's and Ubuntu's package puts each version into a folder of its own.
    private const string Versions = "/usr/lib/postgresql";

    /// <summary>The folder of the newest version's programs, or null.</summary>
    public static string? Programs { get; } = Find();

    /// <summary>What a test that is skipped says.</summary>
    public static string HowToInstall => "PostgreSQL's server isn't installed. Install it (apt-get install postgresql; it needn't run), or use ./lipsol test, which does.";

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Versions)) return null;
        return Directory.EnumerateDirectories(Versions)
            .Where(folder => File.Exists(Path.Combine(folder, "bin", "initdb")) && File.Exists(Path.Combine(folder, "bin", "postgres")))
            .OrderByDescending(folder => double.TryParse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture, out double version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault();
    }
}
