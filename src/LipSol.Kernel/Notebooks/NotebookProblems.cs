using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>What can be told of a notebook without running it.</summary>
public static class NotebookProblems
{
    /// <summary>The code cells (from 1) whose magics or references this kernel can't read, each with the reason.</summary>
    public static IReadOnlyList<(int Cell, string Problem)> Of(NotebookFile notebook)
    {
        var problems = new List<(int, string)>();
        var number = 0;
        foreach (var cell in notebook.Cells.Where(c => c.IsCode))
        {
            number++;
            try
            {
                _ = Submission.Parse(cell.Source, cell.Language);
            }
            catch (CellRefusedException e)
            {
                problems.Add((number, e.Message));
            }
        }

        return problems;
    }
}
