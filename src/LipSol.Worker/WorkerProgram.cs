using System.Runtime.InteropServices;
using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.WorkerProtocol;

namespace LipSol.Worker;

/// <summary>One process, one job: connects to its host, does the job, says how it ended.</summary>
internal static class WorkerProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int BadInput = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is [Confinement.Argument, var confinement, .. var rest])
        {
            try
            {
                Confining.Confined.Become(confinement, rest);
            }
            catch (Exception e) when (e is PlatformNotSupportedException or System.Text.Json.JsonException or IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(e.Message);
                return Failed;
            }
        }

        var confined = arguments is [Confinement.Begun, ..];
        if (confined) arguments = arguments[1..];
        if (arguments is not [var socketPath])
        {
            Console.Error.WriteLine("LipSol.Worker is started by a node or by the command line, with the path of a socket. To train or crop, use `lipsol train` or `lipsol crop`.");
            return BadInput;
        }
        WorkerChannel channel;
        try
        {
            channel = WorkerChannel.Connect(socketPath);
        }
        catch (Exception e) when (e is ProtocolException or IOException or System.Net.Sockets.SocketException)
        {
            Console.Error.WriteLine(e.Message);
            return Failed;
        }
        using (channel)
        using (PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; channel.RequestStop("SIGTERM"); }))
        // Ctrl-C goes to the whole group of the terminal; what becomes of the job is the host's to say.
        using (PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true))
        {
            var (last, status) = await WorkAsync(channel, confined);
            await channel.SendAsync(last);
            await channel.DrainAsync();
            return status;
        }
    }

    private static async Task<(DataMessage Last, int Status)> WorkAsync(WorkerChannel channel, bool confined)
    {
        try
        {
            if (confined) Confining.SystemCalls.Seal();
            JobResult? result = channel.Job switch
            {
                TrainingJob job => await new Training.TrainingWork(channel, job).RunAsync(),
                CropJob job => new Cropping.CropWork(channel, job).Run(),
                UploadJob job => Cropping.UploadWork.Run(channel, job),
                StreamJob job => Streaming.StreamWork.Run(channel, job),
                NetworkJob job => await new Networks.NetworkWork(channel, job).RunAsync(),
                CorpusJob job => await new Corpora.CorpusWork(channel, job).RunAsync(),
                var other => throw new NotSupportedException($"This worker doesn't know the job {other.GetType().Name}."),
            };
            return result is null ? (new JobStopped(channel.StopReason ?? "stopped"), Done) : (new JobCompleted(result), Done);
        }
        catch (OperationCanceledException) when (channel.StopRequested.IsCancellationRequested)
        {
            return (new JobStopped(channel.StopReason ?? "stopped"), Done);
        }
        catch (Exception e) when (IsBadInput(e))
        {
            Console.Error.WriteLine(e.Message);
            return (new JobFailed(e.Message, BadInput: true), BadInput);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            var cause = e is AggregateException { InnerException: { } inner } ? inner : e;
            return (new JobFailed(DurableFile.Words(cause), BadInput: false, DiskFull: cause is ArtifactStoreFullException || (cause is IOException io && DurableFile.IsDiskFull(io))), Failed);
        }
    }

    private static bool IsBadInput(Exception e) => e is Models.Parameters.InvalidParameterException or Networks.NetworkSourceException or Inference.UnusableBundleException or Models.Weights.UnusableWeightsException or Models.Training.InvalidCheckpointException or ArgumentException or UnusableClipException or CorpusProblemsException or CorpusNotFoundException or DirectoryNotFoundException or FileNotFoundException;
}
