using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Models.Networks;
using LipSol.Models.Samples;
using LipSol.Models.Parameters;
using LipSol.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>A whole run: load the corpus, train, calibrate on <c>val</c>, read <c>test</c>, export to ONNX.</summary>
public static class TrainingRun
{
    /// <summary>Runs it. One run a process at a time: torch's threads and generator belong to the process.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="observer">Follows the run.</param>
    /// <param name="stop">Asks for a stop: a checkpoint is written, and the result says <see cref="TrainingEnd.Stopped"/>.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidParameterException">A parameter, network or device that doesn't exist or can't be.</exception>
    /// <exception cref="CorpusProblemsException">The corpus can't train such a model.</exception>
    /// <exception cref="InvalidCheckpointException">The checkpoint is damaged or of another run.</exception>
    /// <exception cref="UnusableWeightsException">The weights to start from can't be used.</exception>
    /// <exception cref="UnusableClipException">A mouth clip is damaged.</exception>
    public static Task<TrainingResult> Run(TrainingRequest request, ITrainingObserver observer, CancellationToken stop, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        // One thread for the whole run: OpenMP keeps a team of threads for every thread that calls it.
        return Task.Factory.StartNew(() => RunOnThisThread(request, observer, stop, time ?? TimeProvider.System), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static TrainingResult RunOnThisThread(TrainingRequest request, ITrainingObserver observer, CancellationToken stop, TimeProvider time)
    {
        var parameters = TrainingParameters.Resolve(request.Network, request.Parameters);
        var device = ComputeDevice.Find(request.Device);
        Directory.CreateDirectory(request.WorkFolder);
        request = request with { Manifest = parameters.Selection.ToSelection().ForTraining(request.Manifest) };
        void Loading(double share) => observer.Progress("loading", share, 0);
        TrainingTask task = NetworkRegistry.Task(request.Network) switch
        {
            NetworkTask.Word => WordTask.Load(request, parameters, Loading),
            _ => SentenceTask.Load(request, parameters, Loading),
        };

        set_num_threads(request.Threads);
        manual_seed(request.Seed);
        using var network = NetworkRegistry.Create(request.Network, parameters.All, task.Input, task.Vocabulary.Count);
        var (init, frozen) = Initialise(network, request, parameters.Training);
        if (init is not null) observer.Initialised(init);
        network.to(device);
        var start = new TrainingPosition { Run = Identity(request, parameters), Seed = request.Seed };
        var checkpoint = Path.Combine(request.WorkFolder, "checkpoint.lipsol");
        var summary = new Trainer(network, parameters.Training, task, start, frozen, device, observer, time).Train(checkpoint, request.ResumeFrom, stop);

        var result = new TrainingResult
        {
            Task = NetworkRegistry.Task(request.Network),
            Summary = summary,
            CheckpointPath = checkpoint,
            Device = device.ToString(),
            Parameters = parameters.All,
            Vocabulary = task.Vocabulary,
            Input = task.Input,
            WeightCount = network.WeightCount,
            Init = init,
        };
        if (summary.End == TrainingEnd.Stopped) return result;

        observer.Progress("evaluating", 0, summary.Steps);
        result = task.Evaluate(network, device, result, share => observer.Progress("evaluating", share, summary.Steps));
        var onnx = Path.Combine(request.WorkFolder, "model.onnx");
        network.cpu();
        File.WriteAllBytes(onnx, network.ToOnnx(Metadata(request)));
        var weights = Path.Combine(request.WorkFolder, SafetensorsFile.Name);
        using var final = NamedTensors.Of(network);
        SafetensorsFile.Write(weights, final, Metadata(request));
        return result with { OnnxPath = onnx, WeightsPath = weights };
    }

    private static (InitReport? Report, FrozenLayers? Frozen) Initialise(Network network, TrainingRequest request, TrainingOptions options)
    {
        if (request.InitFrom is null)
            return options.Freeze == TrainingOptions.FreezeNone ? (null, null)
                : throw new InvalidParameterException($"Parameter 'freeze' is '{options.Freeze}', but the run starts from random weights: there is nothing to keep. Say what it starts from (--init-from), or leave it out.");
        var (frozen, report) = FrozenLayers.Choose(network, options, WeightTransfer.Copy(network, request.InitFrom));
        return (report, frozen);
    }

    private static string Identity(TrainingRequest request, TrainingParameters parameters)
    {
        // max_minutes only says when to end, and how a trained network's output is decoded changes nothing in it: a run may go on with others.
        var text = string.Join('\n', parameters.All.Where(p => p.Key != "max_minutes" && !SentenceOptions.AfterTraining.Contains(p.Key)).Select(p => $"{p.Key}={p.Value}")
            .Prepend(string.Create(CultureInfo.InvariantCulture, $"{request.Network} {request.DataHash} {request.Seed} {request.Threads}")));
        if (request.InitFrom is { } from) text += $"\n{from.ContentHash} {from.MapHash}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static Dictionary<string, string> Metadata(TrainingRequest request)
    {
        var metadata = new Dictionary<string, string>
        {
            ["lipsol.run"] = request.RunId,
            ["lipsol.network"] = request.Network,
            ["lipsol.corpus"] = request.Manifest.Name,
            ["lipsol.data_hash"] = request.DataHash,
            ["lipsol.code_version"] = request.CodeVersion,
            ["lipsol.seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
        };
        if (request.InitFrom is { } from) metadata["lipsol.init_from"] = $"{from.Kind} {from.Id} {from.ContentHash}";
        return metadata;
    }
}
