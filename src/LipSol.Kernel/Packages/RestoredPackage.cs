namespace LipSol.Kernel.Packages;

/// <summary>A package as restored: its folder, the assemblies to load, the native libraries, and its start script if it has one.</summary>
internal sealed record RestoredPackage(string Name, string Version, string Folder, IReadOnlyList<string> Assemblies, IReadOnlyList<string> NativeLibraries)
{
    /// <summary>The script that a package for notebooks brings, at the place where .NET Interactive looks for it.</summary>
    public string? ExtensionScript
    {
        get
        {
            var path = Path.Combine(Folder, "interactive-extensions", "dotnet", "extension.dib");
            return File.Exists(path) ? path : null;
        }
    }
}
