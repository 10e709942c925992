using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace LipSol.Kernel.Assistance;

/// <summary>
/// The documentation of what a name stands for, as text: from the cell's own comments, the file beside a package's assembly, or, for .NET's own types, the reference packs of the SDK.
/// </summary>
internal static class SymbolDocumentation
{
    private static readonly Lazy<IReadOnlyList<string>> Packs = new(FindPacks);

    /// <summary>Null where there is none.</summary>
    public static string? Of(ISymbol symbol, Compilation compilation)
    {
        var documented = (symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol).OriginalDefinition;
        if (documented.Locations.Any(l => l.IsInSource))
            return Readable(documented.GetDocumentationCommentXml());
        if (documented.GetDocumentationCommentId() is not { } id || documented.ContainingAssembly is not { } assembly)
            return null;
        var path = (compilation.GetMetadataReference(assembly) as PortableExecutableReference)?.FilePath;
        foreach (var file in Files(path, assembly.Name))
        {
            if (Member(File.ReadAllText(file), id) is { } xml)
                return Readable(xml);
        }

        return null;
    }

    // Types of .NET are forwarded: List<T> lies in System.Private.CoreLib and is documented in System.Collections.xml.
    private static IEnumerable<string> Files(string? assembly, string name)
    {
        if (assembly is not null && Path.ChangeExtension(assembly, ".xml") is var beside && File.Exists(beside))
            return [beside];
        return name.StartsWith("System", StringComparison.Ordinal) || name.StartsWith("Microsoft", StringComparison.Ordinal)
            ? Packs.Value.OrderBy(f => Path.GetFileNameWithoutExtension(f) == name ? 0 : Path.GetFileName(f) == "System.Runtime.xml" ? 1 : 2)
            : [];
    }

    private static IReadOnlyList<string> FindPacks()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var pack = new DirectoryInfo(Path.Combine(runtime, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref"));
        if (!pack.Exists)
            return [];
        var newest = pack.EnumerateDirectories($"{Environment.Version.Major}.*").OrderBy(d => Version.TryParse(d.Name.Split('-')[0], out var v) ? v : new Version()).LastOrDefault();
        var files = newest is null ? null : Path.Combine(newest.FullName, "ref", $"net{Environment.Version.Major}.0");
        return files is not null && Directory.Exists(files) ? Directory.GetFiles(files, "*.xml") : [];
    }

    private static string? Member(string xml, string id)
    {
        var start = xml.IndexOf($"<member name=\"{id}\"", StringComparison.Ordinal);
        var end = start < 0 ? -1 : xml.IndexOf("</member>", start, StringComparison.Ordinal);
        return end < 0 ? null : xml[start..(end + "</member>".Length)];
    }

    private static string? Readable(string? xml)
    {
        if (string.IsNullOrWhiteSpace(xml))
            return null;
        XElement member;
        try
        {
            member = XElement.Parse($"<doc>{xml}</doc>", LoadOptions.PreserveWhitespace);
        }
        catch (System.Xml.XmlException)
        {
            return null;
        }

        var text = new StringBuilder();
        Section("summary", e => Text(e));
        Section("param", e => $"{e.Attribute("name")?.Value}: {Text(e)}");
        Section("returns", e => $"Returns: {Text(e)}");
        Section("exception", e => $"Throws {Last(e.Attribute("cref")?.Value)}: {Text(e)}");
        Section("remarks", e => Text(e));
        return text.ToString().Trim();

        void Section(string name, Func<XElement, string> write)
        {
            foreach (var element in member.Descendants(name))
                text.Append(write(element)).Append('\n');
        }
    }

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" or "seealso" or "paramref" or "typeparamref" } reference =>
                    reference.Value is { Length: > 0 } shown ? shown : Last(reference.Attribute("cref")?.Value ?? reference.Attribute("name")?.Value ?? reference.Attribute("langword")?.Value ?? reference.Attribute("href")?.Value),
                XElement inner => Text(inner),
                _ => "",
            });
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    // M:System.String.Join(System.String) is read as String.Join.
    private static string Last(string? reference)
    {
        if (reference is null || reference.Length < 2 || reference[1] != ':')
            return reference ?? "";
        var name = reference[2..].Split('(')[0];
        var pieces = name.Split('.');
        return string.Join('.', pieces.TakeLast(reference[0] is 'T' or 'N' ? 1 : 2)).Split('`')[0];
    }
}
