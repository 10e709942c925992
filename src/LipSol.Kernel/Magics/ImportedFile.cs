using LipSol.Kernel.Engine;
using LipSol.Kernel.Notebooks;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!import FILE</c>: runs a notebook or a file of C# as if it stood in the cell.</summary>
internal static class ImportedFile
{
    private const int Depth = 8;
    private static readonly AsyncLocal<int> Nested = new();

    public static async Task<CellError?> RunAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        var path = call.Absolute(line.Plain is [var file] ? file : throw line.Refused("write #!import FILE, with quotes around a path that holds spaces."));
        if (!File.Exists(path))
            throw line.Refused($"there is no file {path}.");
        if (++Nested.Value > Depth)
            throw line.Refused($"{Path.GetFileName(path)} imports itself, over others or directly.");
        try
        {
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".ipynb" => await NotebookAsync(line, path, call),
                ".dib" or ".cs" or ".csx" => await call.RunText(await File.ReadAllTextAsync(path), Path.GetFileName(path), null),
                _ => throw line.Refused($"{Path.GetFileName(path)} is neither a notebook (.ipynb, .dib) nor a file of C# (.cs)."),
            };
        }
        finally
        {
            Nested.Value--;
        }
    }

    private static async Task<CellError?> NotebookAsync(MagicLine line, string path, MagicCall call)
    {
        NotebookFile notebook;
        try
        {
            notebook = await NotebookFile.ReadAsync(path);
        }
        catch (NotebookFormatException e)
        {
            throw line.Refused(e.Message);
        }

        var number = 0;
        foreach (var cell in notebook.Cells.Where(c => c.IsCode))
        {
            number++;
            if (await call.RunText(cell.Source, $"{Path.GetFileName(path)}, cell {number}", cell.Language) is { } error)
                return error;
        }

        return null;
    }
}
