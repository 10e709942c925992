using System.Collections.Concurrent;
using System.Diagnostics;

namespace LipSol.WorkerProtocol;

/// <summary>Starts processes on a thread that goes only with this program. To the kernel the parent is the thread that started a process (PR_SET_PDEATHSIG(2const)), and those of a pool come and go.</summary>
internal static class LastingParent
{
    private static readonly BlockingCollection<Action> Asked = [];

    static LastingParent() => new Thread(() =>
    {
        foreach (var start in Asked.GetConsumingEnumerable()) start();
    })
    { IsBackground = true, Name = "parent of workers" }.Start();

    /// <inheritdoc cref="Process.Start()"/>
    public static Task StartAsync(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Asked.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }
}
