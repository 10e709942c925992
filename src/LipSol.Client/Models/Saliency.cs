namespace LipSol.Client;

/// <summary>What a version looks at in a clip: parts of it were covered, and what was read was weighed again (occlusion).</summary>
/// <remarks>Values say by how much the evidence for what was read falls when this is covered. Negative ones spoke for something else.</remarks>
public sealed record Saliency
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }
    /// <summary>Its version.</summary>
    public required int Version { get; init; }
    /// <summary>The run that trained it.</summary>
    public required string RunId { get; init; }
    /// <summary>MD5 of the corpus manifest it was trained on.</summary>
    public required string DataHash { get; init; }
    /// <summary>What was said, where the corpus tells.</summary>
    public string? Said { get; init; }
    /// <summary>What was read, from the clip as it is.</summary>
    public required string Text { get; init; }
    /// <summary>How sure the model is.</summary>
    public required double Confidence { get; init; }
    /// <summary>What speaks for it in the clip as it is: of a word, its log-odds against all others; of a sentence, the log probability of the likeliest path that spells it.</summary>
    public required double Evidence { get; init; }
    /// <summary>Where: rows of the network's picture from top to bottom, each from left to right; a patch around the pixel is covered in all frames.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> Where { get; init; }
    /// <summary>When: the network's frames; those around it are covered whole.</summary>
    public required IReadOnlyList<FrameSaliency> When { get; init; }
    /// <summary>The share of what speaks for the reading that lies on the mouth.</summary>
    public required double MouthShare { get; init; }
    /// <summary>The mouth's share of the picture: what <see cref="MouthShare"/> would be if the network looked everywhere alike.</summary>
    public required double MouthArea { get; init; }
    /// <summary>A PNG. Left: the mean frame with where it looked. Right: frames as they were and, below, with where it looked at that moment. At the foot: when; the line marks the word. Orange spoke for the reading, blue against it.</summary>
    public required byte[] Picture { get; init; }
}

/// <summary>One frame that the network saw.</summary>
/// <param name="Time">Its middle, in seconds from the clip's start; beyond the clip the edge frame is repeated.</param>
/// <param name="Fall">By how much the evidence falls when the frames around it are covered.</param>
/// <param name="InWord">Whether the network was told that the word is here; true in all frames where it isn't told.</param>
public sealed record FrameSaliency(double Time, double Fall, bool InWord);
