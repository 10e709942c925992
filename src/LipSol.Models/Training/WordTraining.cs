using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Language.Evaluation;
using LipSol.Models.Networks;
using LipSol.Models.Prediction;
using LipSol.Models.Samples;
using TorchSharp;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>A whole run: load the corpus, train, calibrate on <c>val</c>, read <c>test</c>, export to ONNX.</summary>
public static class WordTraining
{
    private const int FramesWithWordTimes = 29; // as LRW's clips, https://www.robots.ox.ac.uk/~vgg/data/lip_reading/lrw1.html
    private const int Probes = 8;

    /// <summary>Runs it. One run a process at a time: torch's threads and generator belong to the process.</summary>
    /// <param name="request">What to train.</param>
    /// <param name="observer">Follows the run.</param>
    /// <param name="stop">Asks for a stop: a checkpoint is written, and the result says <see cref="TrainingEnd.Stopped"/>.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="Parameters.InvalidParameterException">A parameter, network or device that doesn't exist or can't be.</exception>
    /// <exception cref="CorpusProblemsException">The corpus can't train a word model.</exception>
    /// <exception cref="InvalidCheckpointException">The checkpoint is damaged or of another run.</exception>
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
        WordModelCheck.Demand(request.Manifest);
        Directory.CreateDirectory(request.WorkFolder);

        var (train, val, test) = Load(request, parameters.Training, observer);
        var vocabulary = WordSamples.Vocabulary(request.Manifest);
        var input = Input(parameters.Training, train);

        set_num_threads(request.Threads);
        manual_seed(request.Seed);
        using var network = NetworkRegistry.Create(request.Network, parameters.All, input, vocabulary.Count);
        network.to(device);

        var (trainLabels, valLabels) = (Labels(train, vocabulary), Labels(val, vocabulary));
        if (parameters.Training.ShuffleLabels)
        {
            // Those of val too: an epoch chosen by true labels would lean towards them.
            trainLabels = ShuffledLabels.Of(trainLabels, vocabulary.Count, new SeededRandom(request.Seed, long.MaxValue));
            valLabels = ShuffledLabels.Of(valLabels, vocabulary.Count, new SeededRandom(request.Seed, long.MaxValue - 1));
        }
        var loader = new BatchLoader(train, trainLabels, input, vocabulary.Count, parameters.Augmentation, parameters.Training.LabelSmoothing, parameters.Training.BatchSize, request.Seed);
        var reader = new WordReader(network, device);
        var start = new TrainingPosition { Run = Identity(request, parameters), Seed = request.Seed };
        var trainer = new WordTrainer(network, parameters.Training, loader, reader, val, valLabels, start, device, observer, time);
        var checkpoint = Path.Combine(request.WorkFolder, "checkpoint.lipsol");
        var summary = trainer.Train(checkpoint, request.ResumeFrom, stop);

        var result = new TrainingResult
        {
            Summary = summary, CheckpointPath = checkpoint, Device = device.ToString(), Parameters = parameters.All, Vocabulary = vocabulary, Input = input,
            WeightCount = network.WeightCount,
        };
        if (summary.End == TrainingEnd.Stopped) return result;

        observer.Progress("evaluating", 0, summary.Steps);
        var valLogits = reader.Logits(val);
        var testLogits = reader.Logits(test, share => observer.Progress("evaluating", share, summary.Steps));
        var temperature = TemperatureScaling.Fit(valLogits, valLabels);
        var onnx = Path.Combine(request.WorkFolder, "model.onnx");
        network.cpu();
        File.WriteAllBytes(onnx, network.ToOnnx(Metadata(request)));
        return result with
        {
            OnnxPath = onnx,
            Temperature = temperature,
            Val = Readings(val, valLogits, vocabulary, temperature),
            Test = Readings(test, testLogits, vocabulary, temperature),
            Probes = [.. test.Take(Probes).Select((example, i) => new ParityProbe(example.Id, InputOf(example, input), testLogits[i]))],
        };
    }

    private static (IReadOnlyList<WordExample> Train, IReadOnlyList<WordExample> Val, IReadOnlyList<WordExample> Test) Load(TrainingRequest request, TrainingOptions options, ITrainingObserver observer)
    {
        IReadOnlyList<WordExample> Split(Split split, double from) => WordExamples.Load(request.Manifest, split, request.OpenMouthClip, options.Resize, options.Frozen,
            share => observer.Progress("loading", from + share / 3, 0));
        return (Split(Corpus.Split.Train, 0), Split(Corpus.Split.Val, 1 / 3.0), Split(Corpus.Split.Test, 2 / 3.0));
    }

    private static InputSpec Input(TrainingOptions options, IReadOnlyList<WordExample> train)
    {
        var hasWordTimes = train.Any(e => e.Span is not null);
        var longest = train.Max(e => e.Clip.Length);
        var (mean, deviation) = WordExamples.Brightness(train);
        var frames = options.Frames > 0 ? options.Frames : hasWordTimes ? FramesWithWordTimes : longest + 2;
        return new InputSpec
        {
            Frames = frames, Resize = options.Resize, Size = options.Size, Mean = mean, StandardDeviation = deviation,
            MarksWord = options.MarkWord && hasWordTimes && !options.Frozen,
            // Twice a word's length is no word: without its times the middle of such a clip would be read, whatever is said there.
            LongestClip = hasWordTimes ? frames : Math.Max(frames, longest * 3 / 2),
        };
    }

    private static int[] Labels(IReadOnlyList<WordExample> examples, IReadOnlyList<string> vocabulary)
    {
        var index = vocabulary.Select((word, i) => (word, i)).ToDictionary(x => x.word, x => x.i, StringComparer.Ordinal);
        return [.. examples.Select(e => index.GetValueOrDefault(e.Word, -1))];
    }

    // Words that training never saw stay in val and test: they count as read wrongly.
    private static List<EvaluatedSample> Readings(IReadOnlyList<WordExample> examples, IReadOnlyList<float[]> logits, IReadOnlyList<string> vocabulary, double temperature) =>
        [.. examples.Select((example, i) =>
        {
            var probabilities = TemperatureScaling.Probabilities(logits[i], temperature);
            var best = Array.IndexOf(probabilities, probabilities.Max());
            return new EvaluatedSample(example.Id, example.Speaker, example.Seen, example.Word, vocabulary[best], probabilities[best], example.EstimatedTimes);
        })];

    private static float[] InputOf(WordExample example, InputSpec spec)
    {
        var input_CTHW = new float[spec.Length];
        ClipInput.Write(example.Clip, spec, example.Span, new ClipView(), input_CTHW);
        return input_CTHW;
    }

    private static string Identity(TrainingRequest request, TrainingParameters parameters)
    {
        // max_minutes only says when to end, so a run may go on with another.
        var text = string.Join('\n', parameters.All.Where(p => p.Key != "max_minutes").Select(p => $"{p.Key}={p.Value}")
            .Prepend(string.Create(CultureInfo.InvariantCulture, $"{request.Network} {request.DataHash} {request.Seed} {request.Threads}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static Dictionary<string, string> Metadata(TrainingRequest request) => new()
    {
        ["lipsol.run"] = request.RunId,
        ["lipsol.network"] = request.Network,
        ["lipsol.corpus"] = request.Manifest.Name,
        ["lipsol.data_hash"] = request.DataHash,
        ["lipsol.code_version"] = request.CodeVersion,
        ["lipsol.seed"] = request.Seed.ToString(CultureInfo.InvariantCulture),
    };
}
