namespace LipSol.Repository.Tests;

/// <summary>The repository's own files: what git tracks or would track.</summary>
internal static class RepositoryFiles
{
    public static string Root => RepositoryRoot.Folder;

    /// <summary>Paths relative to the root, of files that end in <paramref name="ending"/>; build output and what git ignores are left out.</summary>
    public static IEnumerable<string> EndingIn(string ending) =>
        Directory.EnumerateFiles(Root, "*" + ending, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !Ignored(path))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static bool Ignored(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is ".git" or ".build" or ".lipsol" or "node_modules" or "TestResults" or "demo-out");
}
