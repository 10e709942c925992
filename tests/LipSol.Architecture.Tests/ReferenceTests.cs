namespace LipSol.Architecture.Tests;

/// <summary>The direction of references. Whoever adds one here says that the map has changed.</summary>
public sealed class ReferenceTests
{
    private static readonly ProjectMap Map = ProjectMap.Read();

    // What each project may reference. Bottom first; none references one below itself.
    private static readonly Dictionary<string, string[]> May = new(StringComparer.Ordinal)
    {
        ["LipSol.Contracts"] = [],
        ["LipSol.Client"] = [],
        ["LipSol.Language"] = [],
        ["LipSol.Clips"] = [],
        ["LipSol.Search"] = [],
        ["LipSol.WorkerProtocol"] = [],
        ["LipSol.Artifacts"] = [],
        ["LipSol.Vision"] = ["LipSol.Clips"],
        ["LipSol.Corpus"] = ["LipSol.Clips", "LipSol.Language", "LipSol.Artifacts"],
        ["LipSol.Models"] = ["LipSol.Clips", "LipSol.Corpus", "LipSol.Language"],
        ["LipSol.Inference"] = ["LipSol.Clips", "LipSol.Language"],
        ["LipSol.Pipelines"] = [],
        ["LipSol.Grains"] = ["LipSol.Contracts", "LipSol.Language", "LipSol.Search", "LipSol.Pipelines"],
        ["LipSol.Storage"] = ["LipSol.Contracts", "LipSol.Grains"],
        ["LipSol.Worker"] = ["LipSol.Clips", "LipSol.Language", "LipSol.Vision", "LipSol.Artifacts", "LipSol.Corpus", "LipSol.Models", "LipSol.Inference", "LipSol.WorkerProtocol"],
        ["LipSol.Notebooks"] = ["LipSol.Client"],
        ["LipSol.Kernel"] = ["LipSol.Client", "LipSol.Notebooks"],
        ["LipSol.Cli"] = ["LipSol.Client", "LipSol.Language", "LipSol.Clips", "LipSol.Kernel", "LipSol.Notebooks", "LipSol.WorkerProtocol", "LipSol.Artifacts", "LipSol.Corpus", "LipSol.Search"],
        ["LipSol.Silo"] =
        [
            "LipSol.Contracts", "LipSol.Language", "LipSol.Clips", "LipSol.Grains", "LipSol.Storage", "LipSol.Inference", "LipSol.Artifacts", "LipSol.Corpus", "LipSol.Client", "LipSol.WorkerProtocol", "LipSol.Search",
            "LipSol.Pipelines",
        ],
    };

    // Libraries that belong to one project, or a few.
    private static readonly (string Package, string[] Owners)[] Owned =
    [
        ("OpenCvSharp4", ["LipSol.Vision"]),
        ("TorchSharp", ["LipSol.Models"]),
        ("libtorch", ["LipSol.Models"]),
        ("Microsoft.ML.OnnxRuntime", ["LipSol.Inference"]),
        ("AWSSDK.", ["LipSol.Artifacts"]),
        ("Microsoft.Orleans.", ["LipSol.Contracts", "LipSol.Grains", "LipSol.Storage", "LipSol.Silo"]),
        ("Microsoft.Data.Sqlite", ["LipSol.Storage"]),
        ("Npgsql", ["LipSol.Storage"]),
        ("dbup-", ["LipSol.Storage"]),
        ("NetMQ", ["LipSol.Kernel"]),
    ];

    private static readonly string[] Native = ["TorchSharp", "libtorch", "OpenCvSharp4"];

    public static TheoryData<string> Projects => [.. Map.Names];

    public static TheoryData<string> WithoutNativeLibraries => ["LipSol.Silo", "LipSol.Client", "LipSol.Notebooks", "LipSol.Kernel", "LipSol.Cli", "LipSol.Grains", "LipSol.Storage", "LipSol.Contracts"];

    [Fact]
    public void Every_project_has_its_place_on_the_map() => Assert.Equal(May.Keys.Order(), Map.Names.Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_point_one_way(string project)
    {
        Assert.Subset(May[project].ToHashSet(), Map.References(project).ToHashSet());
        Assert.All(Map.References(project), reference => Assert.DoesNotContain(project, Map.Closure(reference)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_library_is_referenced_where_it_belongs(string project)
    {
        foreach ((string package, string[] owners) in Owned)
            if (!owners.Contains(project)) Assert.DoesNotContain(Map.Packages(project), p => p.StartsWith(package, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(WithoutNativeLibraries))]
    public void Neither_silo_nor_client_nor_notebook_ships_libtorch_or_OpenCV(string project)
    {
        IEnumerable<string> packages = Map.Closure(project).SelectMany(Map.Packages).Concat(Map.Restored(project) ?? []);
        Assert.DoesNotContain(packages, p => Native.Any(n => p.StartsWith(n, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("LipSol.Client")]
    [InlineData("LipSol.Notebooks")]
    [InlineData("LipSol.Kernel")]
    [InlineData("LipSol.Cli")]
    public void What_runs_at_a_users_knows_no_grain(string project)
    {
        HashSet<string> closure = Map.Closure(project);
        Assert.DoesNotContain("LipSol.Grains", closure);
        Assert.DoesNotContain("LipSol.Contracts", closure);
        Assert.DoesNotContain(closure.SelectMany(Map.Packages).Concat(Map.Restored(project) ?? []), p => p.StartsWith("Microsoft.Orleans.", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void The_trainer_is_where_the_native_libraries_are() =>
        Assert.Superset(new HashSet<string> { "LipSol.Vision", "LipSol.Models" }, Map.Closure("LipSol.Worker"));

    [Fact]
    public void Every_project_and_its_tests_are_in_the_solution()
    {
        string solution = File.ReadAllText(Path.Combine(Map.Root, "LipSol.slnx"));
        foreach (string path in new[] { "src", "tests" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Map.Root, folder), "*.csproj", SearchOption.AllDirectories)))
            Assert.Contains($"\"{Path.GetRelativePath(Map.Root, path).Replace('\\', '/')}\"", solution);
    }
}
