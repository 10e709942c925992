using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using LipSol.Kernel.Engine;
using LipSol.Kernel.Export;

namespace LipSol.Kernel.Notebooks;

/// <summary>Runs a notebook from its first cell to its last without a front end.</summary>
public static class NotebookRunner
{
    /// <summary>
    /// Runs the notebook in its own folder. Whatever happens in its cells, the outcome up to there is written to the paths asked for.
    /// </summary>
    /// <exception cref="NotebookFormatException">The file isn't a notebook that can be run.</exception>
    /// <exception cref="NotebookParameterException">A parameter is unknown or of the wrong type; nothing ran.</exception>
    /// <exception cref="OperationCanceledException">Cancelled by the caller; the outcome up to there was written.</exception>
    public static async Task<NotebookRunResult> RunAsync(NotebookRunOptions options, CancellationToken cancellation = default)
    {
        var path = Path.GetFullPath(options.NotebookPath);
        var (output, html) = (Full(options.OutputPath), Full(options.HtmlPath));
        var notebook = await NotebookFile.ReadAsync(path, cancellation);
        notebook.Strip();
        var injected = NotebookParameters.Inject(notebook, options.Parameters);
        var injectedCell = injected is null
            ? null
            : notebook.InsertCodeAfter(notebook.Cells.First(c => c.IsCode && c.Tags.Contains(NotebookParameters.Tag)), injected.Value.ToKeep, NotebookParameters.InjectedTag);

        var started = DateTimeOffset.UtcNow;
        var watch = Stopwatch.StartNew();
        var recorder = new CellRecorder();
        var failures = new List<NotebookFailure>();
        var cells = Titled(notebook).ToArray();
        var ran = 0;
        var back = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(Path.GetDirectoryName(path)!);
        using var engine = new CellEngine(options.PackageCache) { BaseFolder = Path.GetDirectoryName(path) };
        try
        {
            foreach (var (cell, title) in cells)
            {
                ran++;
                var at = new NotebookProgress(ran, cells.Length, title);
                options.Progress?.Invoke(at);
                var source = cell.Json == injectedCell?.Json ? injected!.Value.ToRun : cell.Source;
                var left = options.Timeout - watch.Elapsed;
                var limit = left < options.CellTimeout ? left : options.CellTimeout;
                var result = await RunCellAsync(engine, cell, source, limit, at, recorder, options.Progress, cancellation);
                cell.ExecutionCount = result.ExecutionCount;
                options.Progress?.Invoke(at with { Result = result });
                if (result.Error is null)
                    continue;
                failures.Add(new NotebookFailure(ran, title, result.Error));
                cancellation.ThrowIfCancellationRequested();
                if (options.FailFast || result.Error.Name == "Timeout")
                    break;
            }
        }
        finally
        {
            Directory.SetCurrentDirectory(back);
            recorder.Store();
            notebook.Metadata["lipsol"] = new JsonObject
            {
                ["started"] = started.ToString("O", CultureInfo.InvariantCulture),
                ["seconds"] = Math.Round(watch.Elapsed.TotalSeconds, 2),
                ["succeeded"] = failures.Count == 0 && ran == cells.Length,
            };
            if (output is not null)
                await notebook.WriteAsync(output, CancellationToken.None);
            if (html is not null)
                await HtmlExporter.WriteAsync(notebook, html, Path.GetDirectoryName(path)!, CancellationToken.None);
        }

        return new NotebookRunResult(ran, cells.Length, watch.Elapsed, failures, notebook);
    }

    private static async Task<CellResult> RunCellAsync(CellEngine engine, NotebookCell cell, string source, TimeSpan limit, NotebookProgress at,
        CellRecorder recorder, Action<NotebookProgress>? progress, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(limit > TimeSpan.Zero ? limit : TimeSpan.FromMilliseconds(1));
        var result = await engine.ExecuteAsync(source, Show, cell.Language, cancellation: timer.Token);
        if (result.Error is null || !timer.IsCancellationRequested || cancellation.IsCancellationRequested)
        {
            if (result.Error is not null)
                Record(new ErrorOutput(result.Error));
            return result;
        }

        var late = CellError.Plain("Timeout", $"The cell was still running after {limit.TotalSeconds:0.#} seconds, the time it was given.");
        Record(new ErrorOutput(late));
        return result with { Error = late };

        // Errors are recorded once the cell has ended: only then is it known whether it ran out of time.
        void Show(CellOutput output)
        {
            if (output is not ErrorOutput)
                Record(output);
        }

        void Record(CellOutput output)
        {
            recorder.Add(cell, output);
            progress?.Invoke(at with { Output = output });
        }
    }

    private static IEnumerable<(NotebookCell Cell, string Title)> Titled(NotebookFile notebook)
    {
        var heading = "";
        foreach (var cell in notebook.Cells)
        {
            if (cell.Kind == "markdown")
                heading = cell.Source.Split('\n').LastOrDefault(l => l.StartsWith('#'))?.TrimStart('#').Trim() ?? heading;
            else if (cell.IsCode && cell.Source.Trim().Length > 0)
                yield return (cell, heading.Length > 0 ? heading : cell.Source.Trim().Split('\n')[0].Trim());
        }
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
