using LipSol.Artifacts;

namespace LipSol.Models.Training;

/// <summary>Writes what may find the disk full: training then waits for room and says so, as it waits where its figures can't be written down.</summary>
internal sealed class DiskRoom(ITrainingObserver observer, TimeProvider time, CancellationToken stop)
{
    /// <summary>The phase of a run that waits.</summary>
    public const string Phase = "waiting: the node's disk is full";

    /// <summary>After this the run fails: someone who looks at it once a day should find a reason, not a run that stands still.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <summary>Writes, again and again until there is room; false where training was asked to stop before.</summary>
    /// <param name="write">Writes whole or not at all, and may be repeated.</param>
    /// <param name="fraction">How far training is, 0 to 1.</param>
    /// <param name="step">At which step.</param>
    /// <exception cref="IOException">There was no room for <see cref="Patience"/>, or something else is wrong.</exception>
    public bool Write(Action write, double fraction, long step)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                write();
                return true;
            }
            catch (IOException e) when (DurableFile.IsDiskFull(e) || e is ArtifactStoreFullException)
            {
                if (time.GetElapsedTime(since) >= Patience) throw;
                observer.Progress(Phase, fraction, step);
                if (stop.WaitHandle.WaitOne(Between)) return false;
            }
        }
    }
}
