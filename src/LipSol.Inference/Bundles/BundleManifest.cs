namespace LipSol.Inference;

/// <summary>The first part of a bundle, <c>bundle.json</c>: where the model comes from, and every other part with its hash. How well it reads stands in the model card, and follows from the evaluation.</summary>
/// <remarks>A bundle is one model version as one file: a zip whose parts, order and times follow from the version alone, so that equal versions are equal files.</remarks>
public sealed record BundleManifest
{
    /// <summary>What <see cref="Kind"/> says.</summary>
    public const string ModelKind = "lipsol-model";

    /// <summary>Format of the bundle; a newer one is refused.</summary>
    public int Format { get; init; } = BundleFile.Format;
    /// <summary>Always <see cref="ModelKind"/>.</summary>
    public string Kind { get; init; } = ModelKind;
    /// <summary>The model's name on the node that trained it.</summary>
    public required string Model { get; init; }
    /// <summary>Its version there.</summary>
    public required int Version { get; init; }
    /// <summary>When it was registered there.</summary>
    public required DateTimeOffset Registered { get; init; }
    /// <summary>The run that trained it.</summary>
    public required string RunId { get; init; }
    /// <summary>The run's seed, where it was known.</summary>
    public long? Seed { get; init; }
    /// <summary>Version of LipSol that trained it.</summary>
    public required string CodeVersion { get; init; }
    /// <summary>The corpus.</summary>
    public required string Corpus { get; init; }
    /// <summary>MD5 of the corpus manifest.</summary>
    public required string DataHash { get; init; }
    /// <summary>The network, e.g. <c>word-tcn</c>.</summary>
    public required string Network { get; init; }
    /// <summary>What it reads: <c>word</c> or <c>characters</c>.</summary>
    public required ModelTask Task { get; init; }
    /// <summary>BCP 47 tag of the text that comes out.</summary>
    public required string Language { get; init; }
    /// <summary>Trained on drawn speakers only.</summary>
    public required bool Synthetic { get; init; }
    /// <summary>MD5 of the landmark models that its mouth clips are made with.</summary>
    public required string LandmarkModels { get; init; }
    /// <summary>Fingerprint of its crop settings: the mouth clips it reads have this one.</summary>
    public required string CropSettings { get; init; }
    /// <summary>Largest logit difference torch against ONNX, measured when it was exported from training.</summary>
    public required double OnnxMaxAbsDifference { get; init; }
    /// <summary>Hash of the model folder as an artifact: MD5 of its listing, with <c>.dir</c>.</summary>
    public required string ModelArtifact { get; init; }
    /// <summary>The other parts in the order in which they lie in the file.</summary>
    public required IReadOnlyList<BundlePart> Parts { get; init; }

    /// <summary>The manifest of a version, before its parts are written.</summary>
    /// <param name="model">What its model folder says of it.</param>
    /// <param name="name">The model's name on the node that trained it.</param>
    /// <param name="version">The version there.</param>
    /// <param name="registered">When it was registered there.</param>
    /// <param name="seed">The run's seed, where it's known.</param>
    /// <param name="difference">Largest logit difference, torch against ONNX.</param>
    /// <param name="artifact">Hash of the model folder as an artifact.</param>
    public static BundleManifest Of(ModelManifest model, string name, int version, DateTimeOffset registered, long? seed, double difference, string artifact)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new()
        {
            Model = name,
            Version = version,
            Registered = registered,
            Seed = seed,
            RunId = model.RunId,
            CodeVersion = model.CodeVersion,
            Corpus = model.Corpus,
            DataHash = model.DataHash,
            Network = model.Network,
            Task = model.Task,
            Language = model.Language,
            Synthetic = model.Synthetic,
            LandmarkModels = model.Crop.LandmarkModels,
            CropSettings = model.Crop.Fingerprint(),
            OnnxMaxAbsDifference = difference,
            ModelArtifact = artifact,
            Parts = [],
        };
    }
}

/// <summary>A part of a bundle.</summary>
/// <param name="Path">Its name in the zip: <c>evaluation.json</c>, or <c>model/…</c> for a file of the model folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes, lower-case hexadecimal.</param>
public sealed record BundlePart(string Path, long Bytes, string Sha256);
