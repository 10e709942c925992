using LipSol.Cli.CommandLine;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Workers;

/// <summary>Runs one job in a worker process for a command: shows its progress, passes on Ctrl-C, returns its result.</summary>
internal static class JobSession
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    /// <param name="call">The command.</param>
    /// <param name="job">The job.</param>
    /// <param name="what">What the progress line says until the worker names a stage.</param>
    /// <param name="heard">Hears every message of the worker.</param>
    /// <exception cref="BadInputException">The job can't be done as it stands.</exception>
    /// <exception cref="CommandFailedException">The worker failed or crashed.</exception>
    public static async Task<JobResult> RunAsync(Invocation call, WorkerJob job, string what, Action<DataMessage, Terminals.ProgressLine>? heard = null)
    {
        using var progress = call.Terminal.Progress(what, "");
        await using var worker = await WorkerProcess.StartAsync(job, new WorkerProcessOptions(), new Sink(call, progress, heard), call.Cancelled);
        using var passOn = call.Cancelled.Register(() => _ = worker.StopAsync("Ctrl-C", StopGrace));
        var exit = await worker.Ended;
        progress.Dispose();
        return exit switch
        {
            { End: WorkerEnd.Completed, Result: { } result } => result,
            { End: WorkerEnd.Stopped } => throw new OperationCanceledException(call.Cancelled),
            { BadInput: true } => throw new BadInputException(exit.Reason!),
            _ => throw new CommandFailedException(exit.Reason ?? "The worker failed."),
        };
    }

    private sealed class Sink(Invocation call, Terminals.ProgressLine progress, Action<DataMessage, Terminals.ProgressLine>? heard) : IWorkerSink
    {
        public Task OnDataAsync(DataMessage message)
        {
            if (message is Progress p)
            {
                progress.Stage(p.Stage, p.Unit);
                progress.Report(p.Done, p.Total);
            }
            heard?.Invoke(message, progress);
            return Task.CompletedTask;
        }

        public Task OnHeartbeatAsync(Heartbeat heartbeat) => Task.CompletedTask;

        public void OnLog(string line)
        {
            // What the job has to say comes as notes; the chatter of native libraries is for those who ask for it.
            if (line.StartsWith("note: ", StringComparison.Ordinal)) call.Terminal.Note(line);
            else if (Environment.GetEnvironmentVariable("LIPSOL_VERBOSE") is { Length: > 0 }) call.Terminal.Note("[worker] " + line);
        }
    }
}
