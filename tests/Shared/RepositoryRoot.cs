namespace LipSol.Testing;

/// <summary>The repository that the tests were built in, and the data that may lie beside it. Part of every test project.</summary>
internal static class RepositoryRoot
{
    /// <summary>Its folder.</summary>
    public static string Folder { get; } = Find();

    /// <summary>A file or folder in it.</summary>
    public static string In(params ReadOnlySpan<string> parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Data beside it, <c>../shared/data</c>; where it isn't there, the test is skipped.</summary>
    public static string Shared(params ReadOnlySpan<string> parts)
    {
        var path = Path.GetFullPath(Path.Combine([Folder, "..", "shared", "data", .. parts]));
        Assert.SkipUnless(Path.Exists(path), $"../shared/data/{Path.Combine(parts)} is not here.");
        return path;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LipSol.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException($"LipSol.slnx is in no folder above {AppContext.BaseDirectory}: the tests run outside of the repository.");
    }
}
