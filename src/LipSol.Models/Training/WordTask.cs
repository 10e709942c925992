using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Language.Evaluation;
using LipSol.Models.Networks;
using LipSol.Models.Prediction;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>Single words, one of a closed list.</summary>
internal sealed class WordTask : TrainingTask
{
    private const int FramesWithWordTimes = 29; // as LRW's clips, https://www.robots.ox.ac.uk/~vgg/data/lip_reading/lrw1.html
    private const int Probes = 8;

    private readonly IReadOnlyList<WordExample> val, test;
    private readonly int[] valLabels;

    private WordTask(TrainingRequest request, TrainingParameters parameters, IReadOnlyList<WordExample> train, IReadOnlyList<WordExample> val, IReadOnlyList<WordExample> test)
    {
        (this.val, this.test) = (val, test);
        Vocabulary = WordSamples.Vocabulary(request.Manifest);
        Input = InputOf(parameters, train);
        var trainLabels = Labels(train);
        valLabels = Labels(val);
        if (parameters.Training.ShuffleLabels)
        {
            // Those of val too: an epoch chosen by true labels would lean towards them.
            trainLabels = ShuffledLabels.Of(trainLabels, Vocabulary.Count, new SeededRandom(request.Seed, long.MaxValue));
            valLabels = ShuffledLabels.Of(valLabels, Vocabulary.Count, new SeededRandom(request.Seed, long.MaxValue - 1));
        }
        Batches = new WordBatches(train, trainLabels, Input, Vocabulary.Count, parameters.Words, parameters.Augmentation, parameters.Training.BatchSize, request.Seed);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Vocabulary { get; }

    /// <inheritdoc/>
    public override InputSpec Input { get; }

    /// <inheritdoc/>
    public override IBatchSource Batches { get; }

    /// <summary>Loads the corpus' words.</summary>
    /// <exception cref="CorpusProblemsException">The corpus can't train a word model.</exception>
    /// <exception cref="UnusableClipException">A mouth clip is damaged.</exception>
    public static WordTask Load(TrainingRequest request, TrainingParameters parameters, Action<double> progress)
    {
        WordModelCheck.Demand(request.Manifest);
        IReadOnlyList<WordExample> Split(Split split, int part) => WordExamples.Load(request.Manifest, split, request.OpenMouthClip, parameters.Training.Resize, parameters.Training.Frozen,
            share => progress((part + share) / 3));
        return new WordTask(request, parameters, Split(Corpus.Split.Train, 0), Split(Corpus.Split.Val, 1), Split(Corpus.Split.Test, 2));
    }

    /// <inheritdoc/>
    public override (string Name, double Value) TrainFigure(long right, long of) => ("train_accuracy", (double)right / of);

    /// <inheritdoc/>
    public override Validation? Validate(Network network, Device device)
    {
        if (val.Count == 0) return null;
        var logits = new WordReader((WordNetwork)network, device).Logits(val);
        var loss = TemperatureScaling.NegativeLogLikelihood(logits, valLabels, temperature: 1);
        var accuracy = logits.Zip(valLabels).Count(p => Array.IndexOf(p.First, p.First.Max()) == p.Second) / (double)val.Count;
        return new Validation(accuracy, loss, [("val_loss", loss), ("val_accuracy", accuracy)]);
    }

    /// <inheritdoc/>
    public override TrainingResult Evaluate(Network network, Device device, TrainingResult result, Action<double> progress)
    {
        var reader = new WordReader((WordNetwork)network, device);
        var valLogits = reader.Logits(val);
        var testLogits = reader.Logits(test, progress);
        var temperature = Math.Max(TemperatureScaling.Fit(valLogits, valLabels), SpottedTemperature(reader));
        return result with
        {
            Temperature = temperature,
            Val = Readings(val, valLogits, temperature),
            Test = Readings(test, testLogits, temperature),
            Probes = [.. test.Take(Probes).Select((example, i) => new ParityProbe(example.Id, InputOf(example), testLogits[i]))],
        };
    }

    // A word that had to be looked for is read less surely: of the two temperatures the higher one is safe for both. 0 where nothing is looked for.
    private double SpottedTemperature(WordReader reader)
    {
        var found = val.Select((example, i) => (example, label: valLabels[i])).Where(s => s.example.Spotted is { } span && Input.Reads(span)).ToArray();
        return found.Length == 0 ? 0 : TemperatureScaling.Fit(reader.Logits([.. found.Select(s => s.example with { Span = s.example.Spotted })]), [.. found.Select(s => s.label)]);
    }

    private static InputSpec InputOf(TrainingParameters parameters, IReadOnlyList<WordExample> train)
    {
        var (training, words) = (parameters.Training, parameters.Words);
        var hasWordTimes = train.Any(e => e.Span is not null);
        var longest = train.Max(e => e.Clip.Length);
        var (mean, deviation) = PooledClips.Brightness(train.Select(e => e.Clip));
        var frames = words.Frames > 0 ? words.Frames : hasWordTimes ? FramesWithWordTimes : longest + 2;
        return new InputSpec
        {
            Frames = frames,
            Resize = training.Resize,
            Size = training.Size,
            Mean = mean,
            StandardDeviation = deviation,
            MarksWord = words.MarkWord && hasWordTimes && !training.Frozen,
            // Twice a word's length is no word: without its times the middle of such a clip would be read, whatever is said there.
            LongestClip = hasWordTimes ? frames : Math.Max(frames, longest * 3 / 2),
        };
    }

    private int[] Labels(IReadOnlyList<WordExample> examples)
    {
        var index = Vocabulary.Select((word, i) => (word, i)).ToDictionary(x => x.word, x => x.i, StringComparer.Ordinal);
        return [.. examples.Select(e => index.GetValueOrDefault(e.Word, -1))];
    }

    // Words that training never saw stay in val and test: they count as read wrongly.
    private List<EvaluatedSample> Readings(IReadOnlyList<WordExample> examples, IReadOnlyList<float[]> logits, double temperature) =>
        [.. examples.Select((example, i) =>
        {
            var probabilities = TemperatureScaling.Probabilities(logits[i], temperature);
            var best = Array.IndexOf(probabilities, probabilities.Max());
            return new EvaluatedSample(example.Id, example.Speaker, example.Seen, example.Word, Vocabulary[best], probabilities[best], example.EstimatedTimes) { Recording = example.Recording };
        })];

    private float[] InputOf(WordExample example)
    {
        var input_CTHW = new float[Input.Length];
        ClipInput.Write(example.Clip, Input, example.Span, new ClipView(), input_CTHW);
        return input_CTHW;
    }
}
