using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Language.Scoring;
using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using LipSol.Models.Prediction;
using LipSol.Models.Samples;
using static TorchSharp.torch;

namespace LipSol.Models.Training;

/// <summary>Whole sentences, letter by letter.</summary>
internal sealed class SentenceTask : TrainingTask
{
    private const int Probes = 8;

    private readonly IReadOnlyList<SentenceExample> val, test;
    private readonly IReadOnlyList<string> trained;
    private readonly Grammar? grammar;
    private readonly Alphabet alphabet;
    private readonly Curriculum curriculum;
    private readonly DecoderTuningOptions tuning;

    private SentenceTask(TrainingRequest request, TrainingParameters parameters, IReadOnlyList<SentenceExample> train, IReadOnlyList<SentenceExample> val, IReadOnlyList<SentenceExample> test)
    {
        if (parameters.Training.ShuffleLabels)
        {
            // Those of val too: an epoch chosen by true transcripts would lean towards them.
            train = ShuffledLabels.Of(train, new SeededRandom(request.Seed, long.MaxValue));
            val = ShuffledLabels.Of(val, new SeededRandom(request.Seed, long.MaxValue - 1));
        }
        (this.val, this.test) = (val, test);
        trained = [.. train.Select(e => e.Text)];
        alphabet = SentenceSamples.Alphabet(request.Manifest);
        grammar = SentenceGrammars.Of(request.Manifest)?.Within(alphabet);
        tuning = new DecoderTuningOptions { Default = parameters.Sentences.Kind(), BeamWidth = parameters.Sentences.BeamWidth, NgramOrder = parameters.Sentences.NgramOrder, Threads = request.Threads };
        if (tuning.Default == DecoderKind.Grammar && grammar is null)
            throw new InvalidParameterException($"Parameter '{SentenceOptions.DecoderParameter}' is 'grammar', and corpus {request.Manifest.Name} has none that is written with the letters of its train. Import it with --grammar FILE, or choose beam.");
        Vocabulary = ["", .. alphabet.Letters];
        var (mean, deviation) = PooledClips.Brightness(train.Select(e => e.Clip));
        var longest = train.Max(e => e.Clip.Length);
        Input = new InputSpec { Frames = longest, Resize = parameters.Training.Resize, Size = parameters.Training.Size, Mean = mean, StandardDeviation = deviation, LongestClip = longest };
        curriculum = new Curriculum(train, parameters.Sentences, request.Seed);
        Batches = new SentenceBatches(train, curriculum, alphabet, Input, parameters.Sentences, parameters.Augmentation, parameters.Training.BatchSize, request.Seed);
    }

    /// <summary>CTC's blank as an empty text, then the letters.</summary>
    public override IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Frames is the longest training clip's: a longer one is read in windows of so many.</summary>
    public override InputSpec Input { get; }

    /// <inheritdoc/>
    public override IBatchSource Batches { get; }

    /// <inheritdoc/>
    public override int FirstWholeEpoch => curriculum.FirstWholeEpoch;

    /// <summary>Loads the corpus' sentences.</summary>
    /// <exception cref="CorpusProblemsException">The corpus can't train a sentence model.</exception>
    /// <exception cref="UnusableClipException">A mouth clip is damaged.</exception>
    public static SentenceTask Load(TrainingRequest request, TrainingParameters parameters, Action<double> progress)
    {
        SentenceModelCheck.Demand(request.Manifest);
        IReadOnlyList<SentenceExample> Split(Split split, int part) => SentenceExamples.Load(request.Manifest, split, request.OpenMouthClip, parameters.Training.Resize, parameters.Training.Frozen,
            share => progress((part + share) / 3));
        return new SentenceTask(request, parameters, Split(Corpus.Split.Train, 0), Split(Corpus.Split.Val, 1), Split(Corpus.Split.Test, 2));
    }

    /// <inheritdoc/>
    public override (string Name, double Value) TrainFigure(long right, long of) => ("train_cer", 1 - (double)right / of);

    /// <inheritdoc/>
    public override Validation? Validate(Network network, Device device)
    {
        if (val.Count == 0) return null;
        var scores = new SentenceReader((SentenceNetwork)network, device).Read(val);
        // Best path decoding: what the network reads without help, in no time.
        var greedy = new SentenceDecoders(DecoderSet.GreedyOnly(alphabet))[DecoderKind.Greedy];
        var rates = ErrorRates.Of(Clips(val, scores).Select(clip => (clip.Said, greedy.Decode(clip.LogProbs_TV, clip.LogProbs_TV.Length / alphabet.Count).Text)));
        var loss = val.Select((example, i) => SentenceBatch.LossOf(scores[i].LogProbs_TV, Vocabulary.Count, alphabet.Encode(example.Text))).Sum() / val.Sum(e => alphabet.Encode(e.Text).Length);
        return new Validation(1 - rates.Cer, loss, [("val_loss", loss), ("val_wer", rates.Wer), ("val_cer", rates.Cer)]);
    }

    /// <inheritdoc/>
    public override TrainingResult Evaluate(Network network, Device device, TrainingResult result, Action<double> progress)
    {
        var reader = new SentenceReader((SentenceNetwork)network, device);
        var testScores = reader.Read(test, share => progress(share / 2));
        var (valClips, testClips) = (Clips(val, reader.Read(val)), Clips(test, testScores));
        var set = DecoderTuning.Fit(alphabet, trained, grammar, valClips, tuning, share => progress((1 + share) / 2));
        var decoders = new SentenceDecoders(set);
        var byDecoder = decoders.Kinds.ToDictionary(kind => kind, kind => Readings(test, DecoderTuning.Read(decoders[kind], testClips, tuning.Threads)));
        return result with
        {
            Decoders = set,
            Val = Readings(val, DecoderTuning.Read(decoders[decoders.Default], valClips, tuning.Threads)),
            Test = byDecoder[decoders.Default],
            TestByDecoder = byDecoder,
            Probes = [.. test.Take(Probes).Select((example, i) => new ParityProbe(example.Id, SentenceReader.Input([example.Clip], Input).data<float>().ToArray(), testScores[i].Logits_TV))],
        };
    }

    private static IReadOnlyList<HeldOutClip> Clips(IReadOnlyList<SentenceExample> examples, IReadOnlyList<SentenceScores> scores) =>
        [.. examples.Select((example, i) => new HeldOutClip(scores[i].LogProbs_TV, example.Text))];

    private static IReadOnlyList<EvaluatedSample> Readings(IReadOnlyList<SentenceExample> examples, IReadOnlyList<SentenceReading> readings) =>
        [.. examples.Zip(readings, (example, read) => new EvaluatedSample(example.Id, example.Speaker, example.Seen, example.Text, read.Text, read.Confidence)
        {
            Recording = example.Recording,
            Words = [.. read.Words.Select(w => new EvaluatedWord(w.Text, w.Confidence))],
        })];
}
