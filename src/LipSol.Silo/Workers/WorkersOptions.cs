using LipSol.WorkerProtocol;

namespace LipSol.Silo.Workers;

/// <summary>Where this node's worker processes work, and within which limits uploads are cropped.</summary>
internal sealed record WorkersOptions
{
    /// <summary>The node's data folder.</summary>
    public required string DataFolder { get; init; }
    /// <summary>One log a run; null: <c>logs</c> in the data folder.</summary>
    public string? LogsAt { get; init; }
    /// <summary>Root of the artifact store.</summary>
    public required string ArtifactFolder { get; init; }
    /// <summary>Version of LipSol, for what the workers record.</summary>
    public required string CodeVersion { get; init; }
    /// <summary>Limits of an upload.</summary>
    public ClipLimits Uploads { get; init; } = new UploadJob().Limits;
    /// <summary>What a model may be at most that a network of a person made.</summary>
    public Inference.BundleLimits Models { get; init; } = new();
    /// <summary>Networks that people write run here.</summary>
    public bool Networks { get; init; } = true;
    /// <summary>Processes that crop uploads.</summary>
    public int Croppers { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);
    /// <summary>Uploads that may wait for one of them.</summary>
    public int WaitingUploads { get; init; } = 64;
    /// <summary>Most memory of a cropping process, in bytes.</summary>
    public long CropperMemory { get; init; } = 1536L << 20;
    /// <summary>Clips after which a cropping process is replaced by a fresh one.</summary>
    public int ClipsPerCropper { get; init; } = 500;
    /// <summary>How the processes are started.</summary>
    public WorkerProcessOptions Process { get; init; } = new() { StartDeadline = TimeSpan.FromSeconds(25) };

    /// <summary>One log a run.</summary>
    public string LogFolder => LogsAt ?? Path.Combine(DataFolder, "logs");
    /// <summary>Temporary files of the workers.</summary>
    public string WorkFolder => Path.Combine(DataFolder, "work");
}
