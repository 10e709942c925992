using System.Diagnostics;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Inference;
using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using LipSol.Worker.Training;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Networks;

/// <summary>
/// Looks at the source of a network: it compiles, the network builds, reads a batch of real clips and learns from it, exports to ONNX, and ONNX Runtime gives what torch gives. That is a whole run,
/// on a handful of clips and for one epoch.
/// </summary>
internal sealed class NetworkWork(WorkerChannel channel, NetworkJob job)
{
    public async Task<JobResult?> RunAsync()
    {
        var since = Stopwatch.StartNew();
        try
        {
            channel.Report(0, 0, "compiling");
            NetworkCompiler.Register(job.Name, job.Source);
            var result = await TrainAsync();
            if (result is null) return null;
            return new NetworkResult
            {
                Reads = NetworkRegistry.Task(job.Name) == NetworkTask.Word ? "word" : "characters",
                Parameters = [.. NetworkRegistry.Parameters(job.Name).Select(p => new NetworkParameter(p.Name, p.Meaning, p.Default))],
                WeightCount = result.WeightCount,
                OnnxMaxAbsDifference = result.OnnxMaxAbsDifference,
                Seconds = since.Elapsed.TotalSeconds,
            };
        }
        catch (NetworkSourceException e)
        {
            return Refused(e.Faults);
        }
        catch (Exception e) when (NetworkCompiler.FaultOf(e) is { } fault)
        {
            Console.Error.WriteLine(e);
            return Refused([fault]);
        }
        catch (Exception e) when (e is InvalidParameterException or ModelDiffersException or UnusableBundleException)
        {
            return Refused([new NetworkFault(0, 0, "", e.Message)]);
        }

        NetworkResult Refused(IReadOnlyList<NetworkFault> faults) => new() { Faults = faults, Seconds = since.Elapsed.TotalSeconds };
    }

    private async Task<TrainingResult?> TrainAsync()
    {
        var store = new JobArtifacts(job.ArtifactRoot, Path.Combine(job.WorkFolder, "made"));
        var few = FewClips.Of(ManifestFile.Read(store.ReadBytes(job.DataHash)));
        return await new TrainingWork(channel, new TrainingJob
        {
            RunId = "check",
            Epoch = 0,
            ArtifactRoot = job.ArtifactRoot,
            OutRoot = store.Made.Root,
            WorkFolder = job.WorkFolder,
            DataHash = store.PutBytes(ManifestFile.ToBytes(few)),
            Network = job.Name,
            Parameters = new Dictionary<string, string>(job.Parameters) { ["epochs"] = "1", ["batch_size"] = "2", ["warmup_epochs"] = "0" },
            Seed = 1,
            Threads = job.Threads,
            CodeVersion = job.CodeVersion,
        }).RunAsync() as TrainingResult;
    }
}
