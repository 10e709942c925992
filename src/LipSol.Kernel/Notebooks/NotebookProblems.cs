using LipSol.Kernel.Engine;
using LipSol.Kernel.Packages;

namespace LipSol.Kernel.Notebooks;

/// <summary>What can be told of a notebook without running it.</summary>
public static class NotebookProblems
{
    /// <summary>The packages that a notebook may reference where nobody allows others: LipSol's own, which bring the rest.</summary>
    public static IReadOnlySet<string> OwnPackages { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "LipSol.Notebooks", "LipSol.Client" };

    /// <summary>What is wrong with a notebook that is to be stored and run by others; empty where it's sound.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="path">Its path, as advice names it.</param>
    /// <param name="packages">The packages that it may reference, by name.</param>
    public static IReadOnlyList<string> Of(NotebookFile notebook, string path, IReadOnlySet<string> packages)
    {
        var problems = new List<string>();
        if (notebook.HasOutputs)
            problems.Add($"holds outputs; run `lipsol notebook strip {path}` before it is stored");
        var code = notebook.Cells.Where(c => c.IsCode).ToList();
        var tagged = code.Count(c => c.Tags.Contains(NotebookParameters.Tag));
        if (tagged == 0)
            problems.Add($"no code cell is tagged '{NotebookParameters.Tag}': tag the first one, with the values that a caller may set and their defaults (an empty one where there are none)");
        else if (tagged > 1)
            problems.Add($"{tagged} cells are tagged '{NotebookParameters.Tag}'; values are set behind the first, so tag one");
        for (var i = 0; i < code.Count; i++)
            problems.AddRange(OfCell(code[i], packages).Select(problem => $"cell {i + 1}: {problem}"));
        return problems;
    }

    private static IEnumerable<string> OfCell(NotebookCell cell, IReadOnlySet<string> packages)
    {
        IReadOnlyList<SubmissionPart> parts;
        try
        {
            parts = Submission.Parse(cell.Source, cell.Language);
        }
        catch (CellRefusedException e)
        {
            return [e.Message];
        }

        return parts.SelectMany(p => p is CodePart code ? code.References : []).Select(r => r switch
        {
            PackageDirective package when !packages.Contains(package.Name) =>
                $"Line {r.Line}: the package {package.Name} isn't one that notebooks here use ({string.Join(", ", packages.Order())}). If it may be, say --allow {package.Name}.",
            AssemblyDirective file => $"Line {r.Line}: {file.Path} is a file of one machine; reference a package.",
            _ => null,
        }).OfType<string>();
    }
}
