using System.Text.Json;

namespace LipSol.Kernel.Packages;

/// <summary>Reads what a restore wrote (<c>project.assets.json</c>): which files of which packages this machine loads.</summary>
internal static class AssetsFile
{
    public static IReadOnlyList<RestoredPackage> Read(string path)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = json.RootElement;
        var folders = root.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToArray();
        var libraries = root.GetProperty("libraries");
        // With a runtime identifier there are two targets; the longer name is the one with the files chosen for this machine.
        var target = root.GetProperty("targets").EnumerateObject().MaxBy(t => t.Name.Length).Value;
        var packages = new List<RestoredPackage>();
        foreach (var entry in target.EnumerateObject())
        {
            if (entry.Value.GetProperty("type").GetString() != "package")
                continue;
            var relative = libraries.GetProperty(entry.Name).GetProperty("path").GetString()!;
            var folder = folders.Select(f => Path.Combine(f, relative)).FirstOrDefault(Directory.Exists)
                ?? throw new InvalidDataException($"The package {entry.Name} isn't in any package folder.");
            var slash = entry.Name.IndexOf('/', StringComparison.Ordinal);
            packages.Add(new RestoredPackage(entry.Name[..slash], entry.Name[(slash + 1)..], folder, Files("runtime"), Files("native")));

            IReadOnlyList<string> Files(string group) => entry.Value.TryGetProperty(group, out var files)
                ? [.. files.EnumerateObject().Where(f => !f.Name.EndsWith("/_._", StringComparison.Ordinal)).Select(f => Path.GetFullPath(Path.Combine(folder, f.Name)))]
                : [];
        }

        return packages;
    }
}
