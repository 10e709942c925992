using LipSol.Kernel.Engine;

namespace LipSol.Kernel.Notebooks;

/// <summary>Runs a notebook from its first cell to its last without a front end.</summary>
public static class NotebookRunner
{
    /// <summary>
    /// Runs the notebook in its own folder. Whatever happens in its cells, the outcome up to there is written to the paths asked for.
    /// </summary>
    /// <exception cref="NotebookFormatException">The file isn't a notebook that can be run.</exception>
    /// <exception cref="NotebookParameterException">A parameter is unknown or of the wrong type; nothing ran.</exception>
    /// <exception cref="IOException">The outcome can't be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled by the caller; the outcome up to there was written.</exception>
    public static async Task<NotebookRunResult> RunAsync(NotebookRunOptions options, CancellationToken cancellation = default)
    {
        options = options.WithFullPaths();
        var path = options.NotebookPath;
        var notebook = await NotebookFile.ReadAsync(path, cancellation);
        notebook.Strip();
        var origin = await NotebookOrigin.OfAsync(path, notebook, options.Parameters, cancellation);
        var injected = NotebookParameters.Inject(notebook, options.Parameters);
        var injectedCell = injected is null
            ? null
            : notebook.InsertCodeAfter(notebook.Cells.First(c => c.IsCode && c.Tags.Contains(NotebookParameters.Tag)), injected.Value.ToKeep, NotebookParameters.InjectedTag);

        var outcome = new NotebookOutcome(options);
        outcome.Require();
        var recorder = new CellRecorder(notebook);
        using var journal = options.JournalPath is { } kept ? new NotebookJournal(recorder, kept) : null;
        var failures = new List<NotebookFailure>();
        var cells = Titled(notebook).ToArray();
        var ran = 0;
        var back = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(Path.GetDirectoryName(path)!);
        using var engine = new CellEngine(options.PackageCache) { BaseFolder = Path.GetDirectoryName(path), Notebook = origin };
        try
        {
            foreach (var (cell, title) in cells)
            {
                ran++;
                origin.Cell = cell.Id;
                var at = new NotebookProgress(ran, cells.Length, title);
                recorder.Begin(cell);
                journal?.Save();
                options.Progress?.Invoke(at);
                var source = cell.Json == injectedCell?.Json ? injected!.Value.ToRun : cell.Source;
                var left = options.Timeout - outcome.Elapsed;
                var limit = left < options.CellTimeout ? left : options.CellTimeout;
                var result = await RunCellAsync(engine, cell, source, limit, at, recorder, Tell, cancellation);
                recorder.End(cell, result.ExecutionCount);
                options.Progress?.Invoke(at with { Result = result });
                if (result.Error is null)
                    continue;
                failures.Add(new NotebookFailure(ran, title, result.Error));
                cancellation.ThrowIfCancellationRequested();
                if (options.FailFast || outcome.Elapsed >= options.Timeout)
                    break;
            }
        }
        finally
        {
            Directory.SetCurrentDirectory(back);
            // What a cell left behind may go on to show something: from here on the notebook is as it is.
            journal?.Close();
            recorder.Store();
            await outcome.WriteAsync(notebook, succeeded: failures.Count == 0 && ran == cells.Length);
            // Last: a node that doesn't answer must not keep the outcome from those who wait for it.
            foreach (var problem in await origin.ExecutedAsync(notebook.ToBytes(), cancellation))
                await Console.Error.WriteLineAsync(problem);
        }

        return new NotebookRunResult(ran, cells.Length, outcome.Elapsed, failures, notebook);

        void Tell(NotebookProgress at)
        {
            journal?.Changed();
            options.Progress?.Invoke(at);
        }
    }

    /// <summary>The cells that are run, each with the heading under which it stands, or its first line.</summary>
    internal static IEnumerable<(NotebookCell Cell, string Title)> Titled(NotebookFile notebook)
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

    private static async Task<CellResult> RunCellAsync(CellEngine engine, NotebookCell cell, string source, TimeSpan limit, NotebookProgress at,
        CellRecorder recorder, Action<NotebookProgress> tell, CancellationToken cancellation)
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
            tell(at with { Output = output });
        }
    }
}
