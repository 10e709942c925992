using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

internal sealed class TrainingWork(WorkerChannel channel, TrainingJob job)
{
    public Task<JobResult?> RunAsync() => throw new NotSupportedException($"{channel} {job}");
}
