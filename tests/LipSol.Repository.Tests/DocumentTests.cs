using System.Text.RegularExpressions;

namespace LipSol.Repository.Tests;

public sealed partial class DocumentTests
{
    [Fact]
    public void Every_relative_link_in_a_document_leads_to_a_file()
    {
        var broken = new List<string>();
        var links = 0;
        foreach (var document in RepositoryFiles.EndingIn(".md"))
        {
            var folder = Path.GetDirectoryName(Path.Combine(RepositoryFiles.Root, document))!;
            foreach (Match link in Link().Matches(WithoutCode(RepositoryFiles.Read(document))))
            {
                var target = link.Groups["target"].Value;
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal)) continue;
                links++;
                var (file, anchor) = Split(target);
                var path = file.Length == 0 ? Path.Combine(RepositoryFiles.Root, document) : Path.GetFullPath(Path.Combine(folder, file));
                if (!File.Exists(path) && !Directory.Exists(path)) broken.Add($"{document}: {target}");
                else if (anchor.Length > 0 && File.Exists(path) && !Anchors(File.ReadAllText(path)).Contains(anchor)) broken.Add($"{document}: {target} (no such heading)");
            }
        }
        Assert.True(links > 20, $"only {links} links were found: the test reads nothing");
        Assert.True(broken.Count == 0, "Broken links:\n" + string.Join('\n', broken));
    }

    [Fact]
    public void Every_project_has_a_README_and_every_project_is_on_the_map()
    {
        var map = RepositoryFiles.Read("README.md");
        foreach (var project in Directory.EnumerateDirectories(Path.Combine(RepositoryFiles.Root, "src")))
        {
            var name = Path.GetFileName(project);
            Assert.True(File.Exists(Path.Combine(project, "README.md")), $"src/{name} has no README.md");
            Assert.Contains($"(src/{name})", map, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_in_a_document_or_script_names_a_machine_path()
    {
        var named = new[] { ".md", ".yml", ".yaml", ".sh", ".ipynb", "Dockerfile" }
            .SelectMany(RepositoryFiles.EndingIn)
            .Where(file => MachinePath().IsMatch(RepositoryFiles.Read(file)));
        Assert.Empty(named);
    }

    private static (string File, string Anchor) Split(string target) =>
        target.Split('#', 2) is [var file, var anchor] ? (Uri.UnescapeDataString(file), anchor) : (Uri.UnescapeDataString(target), "");

    private static HashSet<string> Anchors(string markdown) =>
        Heading().Matches(WithoutCode(markdown)).Select(h => NotInAnchor().Replace(h.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')).ToHashSet();

    private static string WithoutCode(string markdown) => CodeSpan().Replace(CodeBlock().Replace(markdown, ""), "");

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+\s+(?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(?<=[^\[])`[^`\n]+`(?!\])")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"(?<![\w}])/(work|root|home/[a-z]+)/")]
    private static partial Regex MachinePath();
}
