using System.Diagnostics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace LipSol.Repository.Tests;

/// <summary>compose.yaml, read as a container engine reads it: none runs where the tests do.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Silos = ["silo-1", "silo-2"], Nodes = [.. Silos, "training"];
    private static readonly Service Whole = new(Load());

    [Fact]
    public void It_is_a_database_two_nodes_that_serve_and_one_that_trains()
    {
        Assert.Equal(["database", .. Nodes], Whole["services"].Names);
        foreach (var name in Nodes)
        {
            var options = Options(name);
            Assert.Equal((name, "/shared", "0.0.0.0"), (options["--name"], options["--shared"], options["--bind"]));
            Assert.Equal(Silos.Contains(name) ? "0" : null, options.GetValueOrDefault("--slots"));
            Assert.Equal(Silos.Contains(name) ? "silo" : "trainer", Node(name)["build"]["target"].Text);
        }
    }

    [Fact]
    public async Task Its_nodes_are_started_with_options_that_there_are()
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.Silo", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "LipSol.Silo.dll"));
        Assert.SkipUnless(File.Exists(program), $"{program} isn't built.");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--help"]) { RedirectStandardOutput = true })!;
        var help = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.All(Nodes.SelectMany(n => Options(n).Keys), option => Assert.Matches($@"(^|\s){option}\b", help));
    }

    [Fact]
    public void Nodes_share_one_folder_and_have_one_of_their_own_and_both_belong_to_the_images_user()
    {
        var dockerfile = RepositoryFiles.Read("Dockerfile");
        Assert.DoesNotMatch(@"--mode=0700 /data\s*$", dockerfile);
        Assert.Contains("--owner=app --group=app --mode=0700 /data /shared", dockerfile);
        var volumes = Whole["volumes"].Names;
        foreach (var name in Nodes) Assert.Equal(["shared:/shared", $"{name}:/data"], Node(name)["volumes"].Items);
        Assert.Equal(["database", "shared", .. Nodes], volumes);
    }

    [Fact]
    public void A_node_starts_once_the_database_answers_and_again_whenever_it_ends()
    {
        Assert.Equal("pg_isready", Node("database")["healthcheck"]["test"].Items[1]);
        Assert.Contains("HEALTHCHECK", RepositoryFiles.Read("Dockerfile"));
        foreach (var name in Nodes)
        {
            Assert.Equal("service_healthy", Node(name)["depends_on"]["database"]["condition"].Text);
            Assert.Equal("unless-stopped", Node(name)["restart"].Text);
            Assert.Equal("60s", Node(name)["stop_grace_period"].Text);
        }
    }

    [Fact]
    public void No_password_is_in_the_file_or_in_a_command_and_git_ignores_where_they_are()
    {
        foreach (var service in Whole["services"].Names)
        {
            Assert.Equal("${LIPSOL_CLUSTER_ENV:-cluster.env}", Node(service)["env_file"].Text);
            Assert.DoesNotContain("--join", Node(service).TryItems("command"));
        }
        Assert.All(Whole.Scalars, text => Assert.DoesNotMatch("(?i)password|secret", text));
        Assert.Contains("cluster.env", RepositoryFiles.Read(".gitignore").Split('\n'));
        Assert.StartsWith("# What the build needs, and nothing else", RepositoryFiles.Read(".dockerignore"));
    }

    [Fact]
    public void The_file_of_passwords_is_made_by_the_line_that_says_so()
    {
        var folder = Directory.CreateTempSubdirectory("lipsol-compose-").FullName;
        try
        {
            var lines = RepositoryFiles.Read("compose.yaml").Split('\n').SkipWhile(l => !l.Contains("(umask", StringComparison.Ordinal)).Take(2).Select(l => l.TrimStart('#'));
            using var process = Process.Start(new ProcessStartInfo("bash", ["-ec", string.Join('\n', lines)]) { WorkingDirectory = folder })!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            var made = File.ReadAllLines(Path.Combine(folder, "cluster.env"));
            var secret = Assert.Single(made, l => l.StartsWith("POSTGRES_PASSWORD=", StringComparison.Ordinal)).Split('=')[1];
            Assert.Matches("^[0-9a-f]{48}$", secret);
            Assert.Contains($"LIPSOL_JOIN=Host=database;Database=lipsol;Username=lipsol;Password={secret}", made);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "cluster.env")));
            var database = Node("database")["environment"];
            Assert.Equal(("lipsol", "lipsol"), (database["POSTGRES_DB"].Text, database["POSTGRES_USER"].Text));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Only_HTTP_is_published_and_to_this_machine_alone()
    {
        foreach (var service in Whole["services"].Names)
        {
            var ports = Node(service).TryItems("ports");
            Assert.Equal(Silos.Contains(service) ? 1 : 0, ports.Count);
            Assert.All(ports, p => Assert.Matches(PublishedPort(), p));
        }
    }

    [Fact]
    public void The_documents_and_the_deployment_name_services_that_there_are()
    {
        var named = new[] { ".ci/deploy", "docs/operations.md", "README.md", "compose.yaml" }
            .SelectMany(f => Target().Matches(RepositoryFiles.Read(f)).Select(m => m.Groups["service"].Value)).ToList();
        Assert.NotEmpty(named);
        Assert.Subset(Whole["services"].Names.ToHashSet(), named.ToHashSet());
        Assert.Contains($"nodes=({string.Join(' ', Nodes)})", RepositoryFiles.Read(".ci/deploy"));
    }

    private static Service Node(string name) => Whole["services"][name];

    private static Dictionary<string, string> Options(string node)
    {
        var words = Node(node)["command"].Items;
        return Enumerable.Range(0, words.Count / 2).ToDictionary(i => words[2 * i], i => words[2 * i + 1]);
    }

    private static object Load()
    {
        using var text = new StringReader(RepositoryFiles.Read("compose.yaml"));
        return new DeserializerBuilder().Build().Deserialize(new MergingParser(new Parser(text)))!;
    }

    [GeneratedRegex(@"^127\.0\.0\.1:\$\{LIPSOL_\w+:-\d+\}:5000$")]
    private static partial Regex PublishedPort();

    [GeneratedRegex(@"docker compose (?:logs|exec -T|exec|ps --quiet)(?: --?[\w-]+)* (?<service>[a-z][a-z0-9-]*)")]
    private static partial Regex Target();

    /// <summary>A part of the file.</summary>
    private sealed class Service(object content)
    {
        public Service this[string key] => new(((IDictionary<object, object>)content)[key]);

        public string Text => (string)content;

        public List<string> Names => [.. ((IDictionary<object, object>)content).Keys.Cast<string>()];

        public List<string> Items => [.. ((IEnumerable<object>)content).Cast<string>()];

        public IEnumerable<string> Scalars => content switch
        {
            string text => [text],
            IDictionary<object, object> parts => parts.SelectMany(p => new Service(p.Key).Scalars.Concat(new Service(p.Value).Scalars)),
            IEnumerable<object> items => items.SelectMany(i => new Service(i).Scalars),
            _ => [],
        };

        public List<string> TryItems(string key) => ((IDictionary<object, object>)content).ContainsKey(key) ? this[key].Items : [];
    }
}
