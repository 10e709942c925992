using LipSol.Artifacts;
using LipSol.Models.Training;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

/// <summary>Tells the host what the training loop reports: metrics in batches, checkpoints as artifacts, progress with the heartbeats.</summary>
internal sealed class RunReporter(WorkerChannel channel, FolderArtifactStore artifacts, MetricBatcher metrics, TimeProvider time) : ITrainingObserver
{
    private double epoch;

    public void Metric(string name, long step, double value)
    {
        if (name == "epoch") epoch = value;
        metrics.Add(name, step, value);
    }

    public void Progress(string phase, double fraction, long step) => channel.Report(step, Math.Clamp(fraction, 0, 1), phase);

    /// <summary>The checkpoint is in the store before the host hears of it: what is recorded can be resumed from.</summary>
    public void Checkpoint(string path, long step) =>
        channel.Send(new CheckpointWritten(artifacts.PutFile(path), step, epoch, time.GetUtcNow()));
}
