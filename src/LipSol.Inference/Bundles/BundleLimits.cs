namespace LipSol.Inference;

/// <summary>What a bundle may be at most; looked at before anything of it is unpacked.</summary>
public sealed record BundleLimits
{
    /// <summary>Bytes of the file, which are those of its parts too: parts aren't compressed.</summary>
    public long Bytes { get; init; } = 1L << 30;
    /// <summary>Parts beside <c>bundle.json</c>.</summary>
    public int Parts { get; init; } = 64;
    /// <summary>Bytes of <c>bundle.json</c>.</summary>
    public int ManifestBytes { get; init; } = 1 << 20;
    /// <summary>Floats of one input of the network, and classes of its answer: what is taken as memory before it's run for the first time.</summary>
    public long InputFloats { get; init; } = 1L << 26;
}
