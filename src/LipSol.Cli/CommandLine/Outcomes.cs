using LipSol.Artifacts;
using LipSol.Artifacts.Dvc;
using LipSol.Client;
using LipSol.Clips;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.CommandLine;

/// <summary>Turns what a command throws into words and an exit status.</summary>
internal static class Outcomes
{
    public static async Task<int> RunAsync(Invocation invocation, Func<Invocation, Task<int>> body)
    {
        try
        {
            return await body(invocation);
        }
        catch (OperationCanceledException) when (invocation.Cancelled.IsCancellationRequested)
        {
            return Tell(invocation, "Stopped.", ExitStatus.Failed);
        }
        catch (Exception e) when (StatusOf(e) is { } status)
        {
            return Tell(invocation, DurableFile.Words(e), status);
        }
        catch (Exception e)
        {
            invocation.Terminal.Error(e.ToString());
            if (invocation.Terminal.Json) invocation.Terminal.Document(new { error = e.Message });
            return ExitStatus.Failed;
        }
    }

    /// <summary>Exit status of an expected error; null for a defect, whose stack trace is worth seeing.</summary>
    private static int? StatusOf(Exception e) => e switch
    {
        BadInputException or UnusableClipException or LipSolNotFoundException or LipSolRefusedException or LipSolUnauthorizedException => ExitStatus.BadInput,
        LipSolException { Reason: "missing" } or DvcException { IsBadInput: true } => ExitStatus.BadInput,
        CommandFailedException or DvcException or LipSolException or WorkerStartException or IOException or UnauthorizedAccessException => ExitStatus.Failed,
        _ => null,
    };

    private static int Tell(Invocation invocation, string message, int status)
    {
        invocation.Terminal.Error(message);
        if (invocation.Terminal.Json) invocation.Terminal.Document(new { error = message });
        return status;
    }
}
