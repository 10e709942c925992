namespace LipSol.Kernel.Tests;

/// <summary>A folder that is gone when the test ends.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lipsol-kernel-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        var file = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>The repository's root.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !System.IO.File.Exists(System.IO.Path.Combine(folder.FullName, "LipSol.slnx")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }
    }
}
