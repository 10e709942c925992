using System.Text.Json.Serialization;
using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>What to run and where the outcome goes.</summary>
public sealed record NotebookRunOptions
{
    /// <summary>The notebook.</summary>
    public required string NotebookPath { get; init; }

    /// <summary>Values for its parameters, by name.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the executed notebook is written (.ipynb); not at all where null.</summary>
    public string? OutputPath { get; init; }

    /// <summary>Where the page is written (.html, one file that needs no network); not at all where null.</summary>
    public string? HtmlPath { get; init; }

    /// <summary>Where the report for build servers is written (JUnit's XML, a test case for each cell); not at all where null.</summary>
    public string? JUnitPath { get; init; }

    /// <summary>The time all cells together may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The time one cell may take.</summary>
    public TimeSpan CellTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether the first failing cell ends the run.</summary>
    public bool FailFast { get; init; } = true;

    /// <summary>Hears of cells as they start, show and end.</summary>
    [JsonIgnore]
    public Action<NotebookProgress>? Progress { get; init; }

    /// <summary>Where restored packages are kept; the user's cache folder where null.</summary>
    public string? PackageCache { get; init; }

    /// <summary>Where the notebook is kept, as far as it has come, while it runs: for whoever reads it if this process doesn't live to write the outcome.</summary>
    public string? JournalPath { get; init; }

    /// <summary>The same, with every path from the root.</summary>
    internal NotebookRunOptions WithFullPaths() => this with
    {
        NotebookPath = Path.GetFullPath(NotebookPath),
        OutputPath = Full(OutputPath),
        HtmlPath = Full(HtmlPath),
        JUnitPath = Full(JUnitPath),
        JournalPath = Full(JournalPath),
    };

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}

/// <summary>Where a run is: code cell <see cref="Cell"/> of <see cref="Cells"/>.</summary>
/// <param name="Cell">Number of the code cell, from 1.</param>
/// <param name="Cells">Number of code cells.</param>
/// <param name="Title">The heading under which the cell stands, or its first line.</param>
/// <param name="Output">What it showed just now; null when it starts or ends.</param>
/// <param name="Result">How it ended; null before.</param>
public sealed record NotebookProgress(int Cell, int Cells, string Title, CellOutput? Output = null, CellResult? Result = null);

/// <summary>The cell that failed and why.</summary>
public sealed record NotebookFailure(int Cell, string Title, CellError Error);

/// <summary>How a run ended.</summary>
public sealed record NotebookRunResult(int CellsRun, int Cells, TimeSpan Elapsed, IReadOnlyList<NotebookFailure> Failures, NotebookFile Notebook)
{
    /// <summary>Whether every cell ran through.</summary>
    public bool Succeeded => Failures.Count == 0;
}
