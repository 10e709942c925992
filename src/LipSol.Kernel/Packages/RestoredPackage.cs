namespace LipSol.Kernel.Packages;

/// <summary>A package as restored: its folder, the assemblies to load, the native libraries, and its start script if it has one.</summary>
internal sealed record RestoredPackage(string Name, string Version, string Folder, IReadOnlyList<string> Assemblies, IReadOnlyList<string> NativeLibraries)
{
    /// <summary>The script that a package for notebooks brings: for this kernel, or at the place where .NET Interactive looks for it.</summary>
    public string? ExtensionScript => new[] { "lipsol", "dotnet" }.Select(kernel => Path.Combine(Folder, "interactive-extensions", kernel, "extension.dib")).FirstOrDefault(File.Exists);
}
