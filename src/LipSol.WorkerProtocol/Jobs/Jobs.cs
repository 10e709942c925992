using System.Text.Json.Serialization;

namespace LipSol.WorkerProtocol;

/// <summary>What a worker process is started for. One job a process.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "job")]
[JsonDerivedType(typeof(TrainingJob), "training")]
[JsonDerivedType(typeof(CropJob), "crop")]
[JsonDerivedType(typeof(CorpusJob), "corpus")]
[JsonDerivedType(typeof(UploadJob), "uploads")]
[JsonDerivedType(typeof(StreamJob), "streams")]
[JsonDerivedType(typeof(NetworkJob), "network")]
public abstract record WorkerJob;

/// <summary>Trains one run.</summary>
public sealed record TrainingJob : WorkerJob
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }
    /// <summary>The lease.</summary>
    public required long Epoch { get; init; }
    /// <summary>Root of the artifact store (a folder).</summary>
    public required string ArtifactRoot { get; init; }
    /// <summary>A folder of the job's own for temporary files.</summary>
    public required string WorkFolder { get; init; }
    /// <summary>MD5 of the corpus manifest in the artifact store.</summary>
    public required string DataHash { get; init; }
    /// <summary>The network, e.g. <c>word-tcn</c>.</summary>
    public required string Network { get; init; }
    /// <summary>Parameters, as text, invariant culture.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }
    /// <summary>The seed.</summary>
    public required long Seed { get; init; }
    /// <summary>Threads for torch.</summary>
    public required int Threads { get; init; }
    /// <summary><c>cpu</c>, <c>cuda:0</c>, …</summary>
    public string Device { get; init; } = "cpu";
    /// <summary>Version of LipSol, for the model card.</summary>
    public required string CodeVersion { get; init; }
    /// <summary>MD5 of the checkpoint artifact to go on from, or null.</summary>
    public string? ResumeFrom { get; init; }
    /// <summary>What the network's encoder starts from; null: random weights. Also where <see cref="ResumeFrom"/> is set: it belongs to what the run is.</summary>
    public InitialWeights? InitFrom { get; init; }
    /// <summary>MD5 of the network's source in the artifact store, where it's one that a person wrote; null: one of LipSol's.</summary>
    public string? NetworkSource { get; init; }
    /// <summary>Where what the worker makes goes, in a store's layout, for the host to take over; null: to <see cref="ArtifactRoot"/> itself.</summary>
    public string? OutRoot { get; init; }
}

/// <summary>Compiles a network that a person wrote and tries it on a few clips of a corpus: builds, forward and backward on a batch, export, ONNX Runtime against torch.</summary>
public sealed record NetworkJob : WorkerJob
{
    /// <summary>What it's to be called.</summary>
    public required string Name { get; init; }
    /// <summary>Its source.</summary>
    public required string Source { get; init; }
    /// <summary>Root of the artifact store (a folder), which is only read.</summary>
    public required string ArtifactRoot { get; init; }
    /// <summary>A folder of the job's own.</summary>
    public required string WorkFolder { get; init; }
    /// <summary>MD5 of the manifest of the corpus to try it on.</summary>
    public required string DataHash { get; init; }
    /// <summary>Parameters, as text, invariant culture.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
    /// <summary>Threads for torch.</summary>
    public required int Threads { get; init; }
    /// <summary>Version of LipSol.</summary>
    public required string CodeVersion { get; init; }
}

/// <summary>Decodes, tracks and crops video files.</summary>
public sealed record CropJob : WorkerJob
{
    /// <summary>The files (videos, or folders of numbered pictures).</summary>
    public required IReadOnlyList<string> Clips { get; init; }
    /// <summary>Where to write one .npz and one preview .png a clip.</summary>
    public required string OutFolder { get; init; }
    /// <summary>Also write a preview picture of each clip.</summary>
    public bool Previews { get; init; } = true;
    /// <summary>Clips at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
    /// <summary>Limits of what is decoded.</summary>
    public ClipLimits Limits { get; init; } = new();
}

/// <summary>Limits of a clip, checked before and while it's decoded.</summary>
public sealed record ClipLimits
{
    /// <summary>Longest duration in seconds.</summary>
    public double Seconds { get; init; } = 600;
    /// <summary>Most pixels a frame.</summary>
    public long Pixels { get; init; } = 4096L * 2304;
    /// <summary>Most bytes of the file.</summary>
    public long Bytes { get; init; } = 2L << 30;
    /// <summary>Longest time for one clip's decoding, tracking and cropping, in seconds.</summary>
    public double ProcessingSeconds { get; init; } = 300;
}

/// <summary>Prepares a corpus: (synthesises or) imports, tracks and crops what isn't in the cache yet, writes the manifest, points the corpus' name at it.</summary>
public sealed record CorpusJob : WorkerJob
{
    /// <summary>Root of LipSol's data folder (corpora, artifacts, cache).</summary>
    public required string DataFolder { get; init; }
    /// <summary>The corpus' name.</summary>
    public required string Name { get; init; }
    /// <summary><c>synthetic</c>, <c>grid</c>, <c>urdu</c> (the recorded layout) or <c>folder</c> (labels.csv).</summary>
    public required string Source { get; init; }
    /// <summary>The folder to import; null for <c>synthetic</c>.</summary>
    public string? Folder { get; init; }
    /// <summary>The importer's or the synthesiser's options: <c>seed</c>, <c>speakers</c>, <c>mouth-crops</c>, <c>split-by</c>, …</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
    /// <summary>Clips at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}

/// <summary>Crops uploaded videos, one after another, until told to stop: each by an <see cref="UploadRequest"/>.</summary>
public sealed record UploadJob : WorkerJob
{
    /// <summary>Limits of what is decoded.</summary>
    public ClipLimits Limits { get; init; } = new() { Seconds = 60, Bytes = 200L << 20, ProcessingSeconds = 60 };
}

/// <summary>Crops the mouth from the pictures of streams as they come, one stream after another, until told to stop: each begins with a <see cref="StreamBegin"/>.</summary>
public sealed record StreamJob : WorkerJob
{
    /// <summary>Most pixels of a picture.</summary>
    public long Pixels { get; init; } = 1920L * 1200;
}
