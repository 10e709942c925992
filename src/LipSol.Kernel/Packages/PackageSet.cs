using System.Security.Cryptography;
using System.Text;

namespace LipSol.Kernel.Packages;

/// <summary>The packages a notebook has asked for, in which versions, and the sources named with <c>#i</c>.</summary>
internal sealed record PackageSet(IReadOnlyList<PackageDirective> Packages, IReadOnlyList<string> Sources)
{
    public static PackageSet Empty { get; } = new([], []);

    /// <summary>Sources that are folders on this machine.</summary>
    public IEnumerable<string> Folders => Sources.Where(Directory.Exists);

    public PackageSet With(IEnumerable<PackageDirective> packages, IEnumerable<string> sources)
    {
        var merged = Packages.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var package in packages)
            merged[package.Name] = package;
        return new PackageSet(
            [.. merged.Values.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase)],
            [.. Sources.Concat(sources).Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>
    /// Names the set and the bytes of what local folders offer: a package that is built again under the same version is another set.
    /// </summary>
    public string Key()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"1\n{Environment.Version}\n{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}\n");
        foreach (var package in Packages)
            Add($"{package.Name.ToLowerInvariant()},{package.Version}\n");
        foreach (var source in Sources)
            Add(source + "\n");
        foreach (var file in Folders.SelectMany(f => Directory.EnumerateFiles(f, "*.nupkg")).Order(StringComparer.Ordinal))
        {
            Add(Path.GetFileName(file) + "\n");
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];

        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }
}
