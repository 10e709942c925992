namespace LipSol.Benchmarks.Running;

/// <summary>One subject that is measured.</summary>
internal interface IBenchmark
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What is measured, against what.</summary>
    string About { get; }

    /// <summary>Measures. Progress goes to <see cref="BenchmarkRun.Say"/>.</summary>
    /// <exception cref="BenchmarkDataException">Data that it needs isn't there.</exception>
    Task<BenchmarkReport> RunAsync(BenchmarkRun run);
}

/// <summary>How a benchmark is run.</summary>
internal sealed record BenchmarkRun(int Repetitions, Action<string> Say, CancellationToken CancellationToken)
{
    /// <summary>The GRID clips: <c>LIPSOL_GRID</c>, else <c>../shared/data/grid</c> beside the repository.</summary>
    /// <exception cref="BenchmarkDataException">They aren't there.</exception>
    public string GridFolder()
    {
        if (Environment.GetEnvironmentVariable("LIPSOL_GRID") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : throw new BenchmarkDataException($"LIPSOL_GRID is {named}, which doesn't exist. It names the folder of GRID clips.");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "LipSol.slnx"))) continue;
            var grid = Path.Combine(folder.Parent!.FullName, "shared", "data", "grid");
            if (Directory.Exists(grid)) return grid;
        }
        throw new BenchmarkDataException("No GRID clips. Get them from Zenodo record 3625687 and let LIPSOL_GRID name their folder (docs/data-formats.md shows the layout).");
    }
}

/// <summary>Data that a benchmark needs isn't there.</summary>
internal sealed class BenchmarkDataException(string message) : Exception(message);

/// <summary>What was measured.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="Figures">The figures, LipSol's and the reference's.</param>
/// <param name="Ratios">LipSol against a reference of the same run.</param>
internal sealed record BenchmarkReport(string Name, IReadOnlyList<Measured> Figures, IReadOnlyList<Ratio> Ratios);

/// <summary>A measured figure: the median of the repetitions and their extremes, and the bar the median is held to where there is one.</summary>
internal sealed record Measured(string What, double Median, double Low, double High, string Unit)
{
    /// <summary>The bar of what is to be small.</summary>
    public double? AtMost { get; init; }

    /// <summary>The bar of what is to be large.</summary>
    public double? AtLeast { get; init; }

    /// <summary>Whether the bar is reached; null where there is none.</summary>
    public bool? Reached => AtMost is { } most ? Median <= most : AtLeast is { } least ? Median >= least : null;

    /// <summary>The figure of these repetitions.</summary>
    public static Measured Of(string what, IReadOnlyCollection<double> values, string unit) => new(what, Statistics.Median(values), values.Min(), values.Max(), unit);
}

/// <summary>A ratio, and the bar it is held to where there is one.</summary>
internal sealed record Ratio(string What, double Value, double? AtLeast = null)
{
    /// <summary>Whether the bar is reached; null where there is none.</summary>
    public bool? Reached => AtLeast is { } bar ? Value >= bar : null;
}
