using System.Net;

namespace LipSol.Kernel.Packages;

/// <summary>The note under a cell that referenced packages.</summary>
internal static class InstalledPackages
{
    public static string Html(IEnumerable<PackageDirective> wanted, IReadOnlyList<RestoredPackage> restored)
    {
        var lines = wanted.Select(w => restored.FirstOrDefault(r => string.Equals(r.Name, w.Name, StringComparison.OrdinalIgnoreCase)))
            .OfType<RestoredPackage>()
            .Select(p => $"<li>{WebUtility.HtmlEncode(p.Name)}, {WebUtility.HtmlEncode(p.Version)}</li>");
        return $"<div><strong>Installed packages</strong><ul>{string.Concat(lines)}</ul></div>";
    }
}
