using LipSol.Cli.CommandLine;
using LipSol.Client;
using LipSol.Kernel.Engine;
using LipSol.Kernel.Notebooks;

namespace LipSol.Cli.Notebooks;

/// <summary>Runs a notebook for a command: shows which cell runs, and how far the run is that it waits for.</summary>
internal static class NotebookSession
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <param name="call">The command.</param>
    /// <param name="options">What to run.</param>
    /// <param name="node">The node whose runs to watch; null where there is none.</param>
    /// <exception cref="BadInputException">Not a notebook, or a parameter it doesn't have.</exception>
    public static async Task<NotebookRunResult> RunAsync(Invocation call, NotebookRunOptions options, LipSolClient? node)
    {
        using var progress = call.Terminal.Progress("notebook", "");
        var at = "notebook";
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var watching = node is null ? Task.CompletedTask : WatchAsync(node, () => at, progress, over.Token);
        try
        {
            return await NotebookProcess.RunAsync(options with
            {
                Progress = p =>
                {
                    at = $"notebook {p.Cell}/{p.Cells} {p.Title}";
                    if (p.Output is StreamOutput { Text: var text } && Environment.GetEnvironmentVariable("LIPSOL_VERBOSE") is { Length: > 0 }) call.Terminal.Note("[notebook] " + text.TrimEnd());
                    if (node is not null) return;
                    progress.Stage("notebook", "cells");
                    progress.Report(p.Cell, p.Cells, p.Title);
                },
            }, CellsCommand.StartInfo(), call.Cancelled);
        }
        catch (NotebookKernelException e)
        {
            throw new CommandFailedException(e.Message, e);
        }
        catch (Exception e) when (e is NotebookFormatException or NotebookParameterException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException(e.Message, e);
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    private static async Task WatchAsync(LipSolClient node, Func<string> at, Terminals.ProgressLine progress, CancellationToken over)
    {
        try
        {
            for (; ; await Task.Delay(Look, over))
            {
                var running = (await node.Runs.ListAsync(status: RunStatus.Running, take: 1, cancellationToken: over)).FirstOrDefault();
                progress.Stage(running is null ? at() : $"{at()}: {running.Name}", "");
                progress.Report(running?.Progress ?? 0, running is null ? 0 : 1, running?.Phase ?? "");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or LipSolException)
        {
            // The notebook itself tells what went wrong.
        }
    }
}
