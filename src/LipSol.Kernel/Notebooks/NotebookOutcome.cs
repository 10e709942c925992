using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LipSol.Kernel.Export;

namespace LipSol.Kernel.Notebooks;

/// <summary>What a run leaves: the executed notebook, its page, its report.</summary>
internal sealed class NotebookOutcome(NotebookRunOptions options)
{
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Writes what was asked for.</summary>
    /// <exception cref="IOException">Something couldn't be written; the rest was.</exception>
    public async Task WriteAsync(NotebookFile notebook, bool succeeded)
    {
        notebook.Metadata["lipsol"] = new JsonObject
        {
            ["started"] = _started.ToString("O", CultureInfo.InvariantCulture),
            ["seconds"] = Math.Round(Elapsed.TotalSeconds, 2),
            ["succeeded"] = succeeded,
        };
        var failures = new List<Exception>();
        await EachAsync(options.OutputPath, output => notebook.WriteAsync(output, CancellationToken.None));
        await EachAsync(options.HtmlPath, html => HtmlExporter.WriteAsync(notebook, html, Path.GetDirectoryName(options.NotebookPath)!, CancellationToken.None));
        await EachAsync(options.JUnitPath, report => JUnitExporter.WriteAsync(notebook, Path.GetFileNameWithoutExtension(options.NotebookPath), report, CancellationToken.None));
        if (failures.Count > 0) throw new IOException(string.Join(' ', failures.Select(f => f.Message)), failures[0]);

        // One that can't be written is no reason to lose the others.
        async Task EachAsync(string? path, Func<string, Task> write)
        {
            try
            {
                if (path is not null) await write(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add(e);
            }
        }
    }

    /// <summary>Looks whether what is asked for can be written, before an hour of training.</summary>
    /// <exception cref="IOException">It can't.</exception>
    public void Require()
    {
        foreach (var path in new[] { options.OutputPath, options.HtmlPath, options.JUnitPath }.OfType<string>())
        {
            if (Directory.Exists(path)) throw new IOException($"{path} is a folder. Name a file.");
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Create(path + ".part").Dispose();
                File.Delete(path + ".part");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} can't be written: {e.Message}", e);
            }
        }
    }
}
