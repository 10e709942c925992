using LipSol.Silo.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Silo.Node;

/// <summary>
/// The end of a node that Orleans won't go on with: most often one that the others took for dead while it was stopped or cut off. Its workers are killed and the process ends at once with
/// status 1 and one line, so that whatever supervises it starts it anew. Orleans' own handler would wait, print a stack and abort with a core dump.
/// </summary>
/// <remarks>Nothing is written down on the way out: others hold its leases by now.</remarks>
internal sealed class FatalErrors(IServiceProvider services) : IFatalErrorHandler
{
    private int ending;

    public bool IsUnexpected(Exception exception) => exception is not ThreadAbortException;

    public void OnFatalException(object? sender, string? context, Exception? exception) =>
        End(context?.Contains("told I am dead", StringComparison.OrdinalIgnoreCase) == true
            ? "The other nodes took this one for dead: it didn't answer them for a while (stopped, starved or cut off). Its runs go on elsewhere"
            : $"The cluster's runtime failed ({context}{(exception is null ? "" : $": {exception.Message}")})");

    /// <summary>Ends the process; never returns.</summary>
    /// <param name="why">A sentence without its full stop.</param>
    public void End(string why)
    {
        // The first reason is the one; a second one that comes meanwhile waits for the end.
        if (Interlocked.Exchange(ref ending, 1) != 0) Thread.Sleep(Timeout.Infinite);
        Console.Error.WriteLine($"lipsol: {why}. This node ends, and its workers with it; start it again.");
        Console.Error.Flush();
        services.GetService<WorkerHost>()?.KillAll("its node left the cluster");
        Signals.ExitNow(1);
    }
}
