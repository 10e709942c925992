using LipSol.Models.Networks;
using LipSol.Models.Parameters;
using LipSol.Models.Samples;

namespace LipSol.Models.Training;

/// <summary>How a network is trained. The defaults are those for GRID's words; <see cref="ForSentences"/> those for its sentences.</summary>
public sealed record TrainingOptions
{
    internal const string FreezeNone = "none", FreezeVisual = "visual", FreezeEncoder = "encoder";

    /// <summary>Passes over the training samples.</summary>
    [Parameter("epochs", "passes over the training samples", Least = 1, Most = 10000)]
    public int Epochs { get; init; } = 40;
    /// <summary>Samples a step.</summary>
    [Parameter("batch_size", "samples a step", Least = 1, Most = 4096)]
    public int BatchSize { get; init; } = 32;
    /// <summary>Largest learning rate.</summary>
    [Parameter("learning_rate", "largest learning rate", Least = 0, Most = 1)]
    public double LearningRate { get; init; } = 2e-3;
    /// <summary>AdamW's weight decay (not on biases, norms and slopes).</summary>
    [Parameter("weight_decay", "AdamW's weight decay", Least = 0, Most = 10)]
    public double WeightDecay { get; init; } = 0.05;
    /// <summary>Epochs in which the learning rate rises to its largest value; after that it falls along a cosine to 0.</summary>
    [Parameter("warmup_epochs", "epochs of rising learning rate", Least = 0, Most = 1000)]
    public double WarmupEpochs { get; init; } = 3;
    /// <summary>Largest norm of the gradient; longer ones are scaled down.</summary>
    [Parameter("clip_norm", "largest norm of the gradient", Least = 1e-6)]
    public double ClipNorm { get; init; } = 5;
    /// <summary>Decay a step of the running mean of the weights that is evaluated and exported; 0 uses the weights themselves.</summary>
    [Parameter("ema", "decay of the running mean of the weights; 0: none", Least = 0, Most = 0.99999)]
    public double Ema { get; init; } = 0.99;
    /// <summary>Epochs without a better result on <c>val</c> after which training ends; 0: never.</summary>
    [Parameter("patience", "epochs without a better val after which training ends; 0: never", Least = 0, Most = 10000)]
    public int Patience { get; init; } = 20;
    /// <summary>Minutes of training after which it ends; 0: no limit. A run that hit it says so; its numbers then depend on the machine's speed.</summary>
    [Parameter("max_minutes", "minutes after which training ends; 0: no limit", Least = 0, Most = 100000)]
    public double MaxMinutes { get; init; }
    /// <summary>Edge to which mouth clips are scaled.</summary>
    [Parameter("resize", "edge to which mouth clips are scaled", Least = 8, Most = 256)]
    public int Resize { get; init; } = 48;
    /// <summary>Edge of the crop the network reads.</summary>
    [Parameter("size", "edge of the crop the network reads", Least = 8, Most = 256)]
    public int Size { get; init; } = 44;
    /// <summary>Control: the training labels are shuffled. What is read then is chance.</summary>
    [Parameter("shuffle_labels", "control: shuffle the training labels")]
    public bool ShuffleLabels { get; init; }
    /// <summary>Control: every clip (training and test) is frozen to its middle frame and nothing is marked. What is read then needs no motion.</summary>
    [Parameter("frozen", "control: freeze every clip to its middle frame")]
    public bool Frozen { get; init; }

    /// <summary>Which of the layers that were loaded (see <see cref="TrainingRequest.InitFrom"/>) stay fixed for the first <see cref="FreezeEpochs"/> epochs, their norms' statistics too.</summary>
    [Parameter("freeze", "loaded layers that stay fixed at first: none, visual or encoder")]
    public string Freeze { get; init; } = FreezeNone;
    /// <summary>Epochs in which loaded layers stay fixed.</summary>
    [Parameter("freeze_epochs", "epochs in which loaded layers stay fixed", Least = 0, Most = 10000)]
    public int FreezeEpochs { get; init; }

    /// <summary>The defaults for sentences.</summary>
    public static TrainingOptions ForSentences { get; } = new() { Epochs = 120, BatchSize = 16, WarmupEpochs = 3, Ema = 0.995, Patience = 40 };
}

/// <summary>All parameters of a run: the network's, training's, augmentation's, the selection's, and those of words or of sentences.</summary>
public sealed record TrainingParameters
{
    private TrainingParameters(string network, IReadOnlyDictionary<string, string> given)
    {
        var sentences = NetworkRegistry.Task(network) == NetworkTask.Characters;
        Training = ParameterBinder.Bind(given, Defaults(network));
        Augmentation = ParameterBinder.Bind(given, new AugmentationOptions());
        Selection = ParameterBinder.Bind(given, new SelectionOptions());
        Words = ParameterBinder.Bind(given, new WordOptions());
        Sentences = ParameterBinder.Bind(given, new SentenceOptions());
        var all = NetworkRegistry.Resolve(network, given).Concat(ParameterBinder.Values(Training)).Concat(ParameterBinder.Values(Augmentation)).Concat(ParameterBinder.Values(Selection))
            .Concat(sentences ? ParameterBinder.Values(Sentences) : ParameterBinder.Values(Words));
        All = new SortedDictionary<string, string>(all.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>Training's.</summary>
    public TrainingOptions Training { get; }
    /// <summary>Augmentation's.</summary>
    public AugmentationOptions Augmentation { get; }
    /// <summary>Which part of the corpus is trained on.</summary>
    public SelectionOptions Selection { get; }
    /// <summary>How words are made into samples; without effect for a network that reads sentences.</summary>
    public WordOptions Words { get; }
    /// <summary>How sentences are made into samples; without effect for a network that reads words.</summary>
    public SentenceOptions Sentences { get; }
    /// <summary>Everything as text, defaults included: what a run records.</summary>
    public IReadOnlyDictionary<string, string> All { get; }

    /// <summary>Every parameter of <paramref name="network"/> with its meaning and default.</summary>
    /// <exception cref="InvalidParameterException">There is no such network.</exception>
    public static IReadOnlyList<KnownParameter> Known(string network) =>
    [
        .. NetworkRegistry.Parameters(network), .. ParameterBinder.Known(Defaults(network)), .. ParameterBinder.Known(new AugmentationOptions()), .. ParameterBinder.Known(new SelectionOptions()),
        .. NetworkRegistry.Task(network) == NetworkTask.Characters ? ParameterBinder.Known(new SentenceOptions()) : ParameterBinder.Known(new WordOptions()),
    ];

    /// <summary>Reads the parameters a run sets.</summary>
    /// <exception cref="InvalidParameterException">There is no such network; a name is unknown (the message lists the known ones); a value is wrong.</exception>
    public static TrainingParameters Resolve(string network, IReadOnlyDictionary<string, string> given)
    {
        ArgumentNullException.ThrowIfNull(given);
        ParameterBinder.RefuseUnknown(given.Keys, Known(network), network);
        var parameters = new TrainingParameters(network, given);
        if (parameters.Training is { } training && training.Size > training.Resize)
            throw new InvalidParameterException($"Parameter 'size' is {training.Size}, more than 'resize' ({training.Resize}): the crop lies inside the resized picture.");
        parameters.Sentences.Kind();
        if (parameters.Training.Freeze is not (TrainingOptions.FreezeNone or TrainingOptions.FreezeVisual or TrainingOptions.FreezeEncoder))
            throw new InvalidParameterException($"Parameter 'freeze' is '{parameters.Training.Freeze}'; it is none, visual (what looks at the pictures) or encoder (everything but the head).");
        if (parameters.Training.Freeze == TrainingOptions.FreezeNone != (parameters.Training.FreezeEpochs == 0))
            throw new InvalidParameterException($"Parameters 'freeze' ({parameters.Training.Freeze}) and 'freeze_epochs' ({parameters.Training.FreezeEpochs}) belong together: which layers stay fixed, and for how many epochs.");
        return parameters;
    }

    private static TrainingOptions Defaults(string network) => NetworkRegistry.Task(network) == NetworkTask.Characters ? TrainingOptions.ForSentences : new TrainingOptions();
}
