using LipSol.Models.Training;
using LipSol.Models.Weights;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

/// <summary>Tells the host what the training loop reports: metrics in batches, checkpoints as artifacts, progress with the heartbeats, and what the network starts from.</summary>
internal sealed class RunReporter(WorkerChannel channel, JobArtifacts artifacts, MetricBatcher metrics, InitialWeights? initFrom, TimeProvider time) : ITrainingObserver
{
    /// <summary>What the report of the weights that a run started from is called among its artifacts.</summary>
    public const string InitReportName = "init-report.json";

    public void Metric(string name, long step, double value) => metrics.Add(name, step, value);

    public void Progress(string phase, double fraction, long step) => channel.Report(step, Math.Clamp(fraction, 0, 1), phase);

    /// <summary>Kept before the first step, so that it's there whatever becomes of the run.</summary>
    public void Initialised(InitReport report)
    {
        if (initFrom is not null) report = report with { DataBehind = StartingWeights.DataBehind(StartingWeights.ToManifest(initFrom)) };
        foreach (var line in report.Lines) Console.WriteLine(line);
        channel.Send(new ArtifactKept(InitReportName, artifacts.PutBytes(report.ToJson())));
    }

    /// <summary>
    /// The checkpoint is in the store before the host hears of it: what is recorded can be resumed from. The metrics up to it go before it: an attempt that goes on from there doesn't train,
    /// and so doesn't report, those steps again.
    /// </summary>
    public void Checkpoint(WrittenCheckpoint written)
    {
        var artifact = artifacts.PutFile(written.Path);
        metrics.FlushAsync().GetAwaiter().GetResult();
        channel.Send(new CheckpointWritten(artifact, written.Step, written.Epoch, time.GetUtcNow(), written.Score));
    }
}
