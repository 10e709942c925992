using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;
using LipSol.Models.Networks;
using LipSol.Models.Weights;

namespace LipSol.Models.Training;

/// <summary>What to train, on what.</summary>
public sealed record TrainingRequest
{
    /// <summary>The corpus.</summary>
    public required CorpusManifest Manifest { get; init; }
    /// <summary>MD5 of the manifest; goes into the model's metadata and into what a checkpoint belongs to.</summary>
    public required string DataHash { get; init; }
    /// <summary>Opens a mouth clip by its MD5. Called by several threads at once.</summary>
    public required Func<string, Stream> OpenMouthClip { get; init; }
    /// <summary>The network's name (<see cref="Networks.NetworkRegistry.Names"/>).</summary>
    public required string Network { get; init; }
    /// <summary>Parameters as text; what isn't named has its default (<see cref="TrainingParameters.Known"/>).</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
    /// <summary>Decides the first weights, the order of the samples and their variations.</summary>
    public long Seed { get; init; } = 1;
    /// <summary>Threads for torch. Part of what decides the numbers: sums are split among them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "cpu";
    /// <summary>A folder of the run's own: checkpoints and the exported model go there.</summary>
    public required string WorkFolder { get; init; }
    /// <summary>Path of a checkpoint of this very run to go on from, or null.</summary>
    public string? ResumeFrom { get; init; }
    /// <summary>Weights that the network's encoder starts from; null: random ones. Also where <see cref="ResumeFrom"/> is set: it belongs to what the run is.</summary>
    public WeightsSource? InitFrom { get; init; }
    /// <summary>The run, for the model's metadata.</summary>
    public string RunId { get; init; } = "";
    /// <summary>Version of LipSol, for the model's metadata.</summary>
    public string CodeVersion { get; init; } = "";
}

/// <summary>What came out.</summary>
public sealed record TrainingResult
{
    /// <summary>What the network reads.</summary>
    public required NetworkTask Task { get; init; }
    /// <summary>How training went. Where <see cref="TrainingSummary.End"/> is <see cref="TrainingEnd.Stopped"/>, there is a checkpoint and nothing of what follows.</summary>
    public required TrainingSummary Summary { get; init; }
    /// <summary>The last checkpoint.</summary>
    public required string CheckpointPath { get; init; }
    /// <summary>The device it ran on, e.g. <c>cpu</c>.</summary>
    public required string Device { get; init; }
    /// <summary>All parameters, defaults included.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
    /// <summary>The classes in the order of the logits: words, or CTC's blank (an empty text) and the letters.</summary>
    public required IReadOnlyList<string> Vocabulary { get; init; }
    /// <summary>How a mouth clip becomes the network's input.</summary>
    public required InputSpec Input { get; init; }
    /// <summary>Number of trained weights.</summary>
    public required long WeightCount { get; init; }
    /// <summary>The exported model, or null when stopped.</summary>
    public string? OnnxPath { get; init; }
    /// <summary>The final weights as safetensors, or null when stopped.</summary>
    public string? WeightsPath { get; init; }
    /// <summary>What the network started from; null: random weights.</summary>
    public InitReport? Init { get; init; }
    /// <summary>Divides the logits before the softmax; fitted on <c>val</c> (1 without one). Always 1 for sentences: their decoders calibrate words and sentences themselves, so that nothing is calibrated twice.</summary>
    public double Temperature { get; init; } = 1;
    /// <summary>Readings of <c>val</c>, ordered by id.</summary>
    public IReadOnlyList<EvaluatedSample> Val { get; init; } = [];
    /// <summary>Readings of <c>test</c>, ordered by id.</summary>
    public IReadOnlyList<EvaluatedSample> Test { get; init; } = [];
    /// <summary>What a network of letters is decoded with; null for words. <see cref="Val"/> and <see cref="Test"/> are the default decoder's readings.</summary>
    public DecoderSet? Decoders { get; init; }
    /// <summary>Readings of <c>test</c> by each decoder, the default one among them; empty for words.</summary>
    public IReadOnlyDictionary<DecoderKind, IReadOnlyList<EvaluatedSample>> TestByDecoder { get; init; } = new Dictionary<DecoderKind, IReadOnlyList<EvaluatedSample>>();
    /// <summary>Real inputs with the logits torch gives for them: what ONNX Runtime has to give within 1e-4.</summary>
    public IReadOnlyList<ParityProbe> Probes { get; init; } = [];
}

/// <summary>A real input and torch's answer.</summary>
/// <param name="Id">The sample.</param>
/// <param name="Input_CTHW">The input tensor.</param>
/// <param name="Logits">Torch's logits: V of a word; T × V of a sentence, row-major.</param>
public sealed record ParityProbe(string Id, float[] Input_CTHW, float[] Logits);
