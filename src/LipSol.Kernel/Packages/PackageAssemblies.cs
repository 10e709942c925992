using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace LipSol.Kernel.Packages;

/// <summary>
/// Loads assemblies of packages into the process, each name once: what the kernel itself has (the formatting library, LipSol's client) is shared with
/// the cells, so that a type is the same type on both sides. Native libraries are found in the packages that brought them.
/// </summary>
internal sealed class PackageAssemblies : IDisposable
{
    private static readonly Lazy<Dictionary<string, string>> Host = new(() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .GroupBy(p => Path.GetFileNameWithoutExtension(p), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase));

    private readonly Dictionary<string, string> _natives = new(StringComparer.OrdinalIgnoreCase);
    private readonly InteractiveAssemblyLoader _loader;

    public PackageAssemblies(InteractiveAssemblyLoader loader)
    {
        _loader = loader;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += ResolveNative;
    }

    /// <summary>Loads <paramref name="path"/> unless an assembly of that name is there already; answers the file that cells compile against.</summary>
    public string Load(string path)
    {
        var name = AssemblyName.GetAssemblyName(path).Name!;
        if (Host.Value.TryGetValue(name, out var own))
            return own;
        var loaded = AssemblyLoadContext.Default.Assemblies.FirstOrDefault(a => a.GetName().Name == name)
            ?? AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
        if (loaded.ManifestModule.ModuleVersionId != VersionIdOf(path))
            throw new CellRefusedException("PackageError", $"Another build of {name} is loaded already ({loaded.GetName().Version}). Restart the kernel to use the new one.");
        _loader.RegisterDependency(loaded);
        return path;
    }

    /// <summary>Remembers a native library under the names by which code asks for it.</summary>
    public void AddNative(string path)
    {
        var file = Path.GetFileName(path);
        _natives.TryAdd(file, path);
        _natives.TryAdd(Path.GetFileNameWithoutExtension(file), path);
        if (file.StartsWith("lib", StringComparison.Ordinal))
            _natives.TryAdd(Path.GetFileNameWithoutExtension(file)[3..], path);
    }

    public void Dispose() => AssemblyLoadContext.Default.ResolvingUnmanagedDll -= ResolveNative;

    private static Guid VersionIdOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }

    private IntPtr ResolveNative(Assembly requesting, string name) =>
        _natives.TryGetValue(name, out var path) ? System.Runtime.InteropServices.NativeLibrary.Load(path) : IntPtr.Zero;
}
