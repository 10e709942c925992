using System.Text.Json;
using System.Xml.Linq;

namespace LipSol.Architecture.Tests;

/// <summary>The projects under <c>src</c> as their files say it.</summary>
internal sealed class ProjectMap
{
    private readonly Dictionary<string, Project> _projects;

    private ProjectMap(string root, Dictionary<string, Project> projects) => (Root, _projects) = (root, projects);

    public string Root { get; }

    public IReadOnlyCollection<string> Names => _projects.Keys;

    public IReadOnlySet<string> References(string project) => _projects[project].References;

    public IReadOnlySet<string> Packages(string project) => _projects[project].Packages;

    public static ProjectMap Read()
    {
        string root = RepositoryRoot.Folder;
        return new ProjectMap(root, Directory.GetFiles(Path.Combine(root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(Project.Read).ToDictionary(p => p.Name, StringComparer.Ordinal));
    }

    /// <summary>A project and all that it references, near and far.</summary>
    public HashSet<string> Closure(string project)
    {
        var closure = new HashSet<string>(StringComparer.Ordinal) { project };
        var open = new Stack<string>([project]);
        while (open.TryPop(out string? next))
            foreach (string reference in References(next))
                if (closure.Add(reference)) open.Push(reference);
        return closure;
    }

    /// <summary>Every package that restoring this project resolved, near and far; null where it wasn't restored here.</summary>
    public List<string>? Restored(string project)
    {
        string assets = Path.Combine(Root, ".build", "obj", project, "project.assets.json");
        if (!File.Exists(assets)) return null;
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(assets));
        return [.. json.RootElement.GetProperty("libraries").EnumerateObject().Select(l => l.Name.Split('/')[0])];
    }

    private sealed record Project(string Name, HashSet<string> References, HashSet<string> Packages)
    {
        public static Project Read(string path)
        {
            XDocument xml = XDocument.Load(path);
            return new Project(Path.GetFileNameWithoutExtension(path),
                [.. Includes(xml, "ProjectReference").Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))], [.. Includes(xml, "PackageReference")]);
        }

        private static IEnumerable<string> Includes(XDocument xml, string element) =>
            xml.Descendants(element).Select(e => (string?)e.Attribute("Include")).OfType<string>();
    }
}
