using System.Diagnostics;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Corpora;

/// <summary>Tells the host how far a stage is, at most ten times a second, and at its end.</summary>
internal sealed class StageReporter(WorkerChannel channel, string stage, string unit)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly Lock gate = new();
    private long told;

    public void Report(double done, double total)
    {
        channel.Report((long)done, total > 0 ? done / total : 0, stage);
        lock (gate)
        {
            if (done < total && told != 0 && Stopwatch.GetElapsedTime(told) < Interval) return;
            told = Stopwatch.GetTimestamp();
            channel.Send(new Progress(stage, done, total, unit));
        }
    }
}
