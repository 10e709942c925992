using System.Text.Json.Serialization;

namespace LipSol.WorkerProtocol;

/// <summary>What a completed job leaves.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "result")]
[JsonDerivedType(typeof(TrainingResult), "training")]
[JsonDerivedType(typeof(CropResult), "crop")]
[JsonDerivedType(typeof(CorpusResult), "corpus")]
[JsonDerivedType(typeof(NetworkResult), "network")]
public abstract record JobResult;

/// <summary>What a trained run leaves.</summary>
public sealed record TrainingResult : JobResult
{
    /// <summary>MD5 (.dir) of the model folder: model.onnx, model.json, README.md.</summary>
    public required string ModelArtifact { get; init; }
    /// <summary>MD5 of evaluation.json.</summary>
    public required string EvaluationArtifact { get; init; }
    /// <summary>Figures over the test split, by name.</summary>
    public required IReadOnlyDictionary<string, FigureValue> Figures { get; init; }
    /// <summary>Largest logit difference torch against ONNX on real mouth clips.</summary>
    public required double OnnxMaxAbsDifference { get; init; }
    /// <summary>Further artifacts by name.</summary>
    public IReadOnlyDictionary<string, string> Artifacts { get; init; } = new Dictionary<string, string>();
    /// <summary>Number of trained weights.</summary>
    public long WeightCount { get; init; }
}

/// <summary>What came of trying a network that a person wrote.</summary>
public sealed record NetworkResult : JobResult
{
    /// <summary>What is wrong with it; empty where nothing is.</summary>
    public IReadOnlyList<NetworkFault> Faults { get; init; } = [];
    /// <summary><c>word</c> or <c>characters</c>.</summary>
    public string Reads { get; init; } = "";
    /// <summary>Its own parameters.</summary>
    public IReadOnlyList<NetworkParameter> Parameters { get; init; } = [];
    /// <summary>Number of trained weights.</summary>
    public long WeightCount { get; init; }
    /// <summary>Largest logit difference torch against ONNX.</summary>
    public double OnnxMaxAbsDifference { get; init; }
    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }
}

/// <summary>Something that is wrong with a network's source; line and column from 1, 0 where it's about the whole.</summary>
public sealed record NetworkFault(int Line, int Column, string Code, string Message);

/// <summary>A parameter of a network's own.</summary>
public sealed record NetworkParameter(string Name, string Meaning, string Default);

/// <summary>A figure with its 95 % bootstrap interval and the number of samples behind it.</summary>
public sealed record FigureValue(double Value, double Low, double High, int Count);

/// <summary>The clips of a crop job, in the order they were asked for.</summary>
public sealed record CropResult(IReadOnlyList<CroppedClip> Clips, double Seconds) : JobResult;

/// <summary>One clip that went through the cropper.</summary>
public sealed record CroppedClip
{
    /// <summary>The file, as asked for.</summary>
    public required string Path { get; init; }
    /// <summary>Frames of the mouth clip; 0 where refused.</summary>
    public int Frames { get; init; }
    /// <summary>Of those, really tracked.</summary>
    public int Tracked { get; init; }
    /// <summary>The recording's own frame rate; 0 where unknown.</summary>
    public double FramesPerSecond { get; init; }
    /// <summary>Why the clip can't be used; null where it can.</summary>
    public string? Refused { get; init; }
    /// <summary>The kind of refusal, as <c>LipSol.Clips.UnusableReason</c> names it; null where there is none.</summary>
    public string? RefusedReason { get; init; }
    /// <summary>The mouth clip's file; null where refused.</summary>
    public string? Out { get; init; }
    /// <summary>The preview picture; null where none was made.</summary>
    public string? Preview { get; init; }
    /// <summary>What is worth knowing though the clip can be used, e.g. several faces.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
    /// <summary>How long decoding, tracking and cropping took; null where the clip was refused.</summary>
    public CropMilliseconds? Milliseconds { get; init; }
}

/// <summary>Where the time of a clip's cropping went, in milliseconds.</summary>
public sealed record CropMilliseconds(double Decode, double Track, double Crop);

/// <summary>The prepared corpus.</summary>
public sealed record CorpusResult : JobResult
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>MD5 of the manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>All clips.</summary>
    public required int Clips { get; init; }
    /// <summary>Those refused.</summary>
    public required int Refused { get; init; }
    /// <summary>Frames of the usable clips.</summary>
    public required long Frames { get; init; }
    /// <summary>Of those, really tracked.</summary>
    public required long Tracked { get; init; }
    /// <summary>Clips that were drawn, decoded or cropped now; the others were found in the cache.</summary>
    public required int Prepared { get; init; }
    /// <summary>Whether this version of the corpus existed before.</summary>
    public bool Unchanged { get; init; }
    /// <summary>Further measurements by name, e.g. <c>lip_corner_error</c> (share of the face's width) of a synthetic corpus.</summary>
    public IReadOnlyDictionary<string, double> Measurements { get; init; } = new Dictionary<string, double>();
    /// <summary>Refused clips with their reasons.</summary>
    public IReadOnlyList<RefusedClip> RefusedClips { get; init; } = [];
    /// <summary>Seconds by stage.</summary>
    public IReadOnlyDictionary<string, double> Seconds { get; init; } = new Dictionary<string, double>();
}

/// <summary>A refused clip and why.</summary>
public sealed record RefusedClip(string Id, string Reason);
