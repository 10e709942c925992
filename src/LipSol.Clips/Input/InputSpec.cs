using System.Text.Json.Serialization;

namespace LipSol.Clips;

/// <summary>How a mouth clip becomes the input tensor <c>clip_BCTHW</c> (float32).</summary>
/// <remarks>
/// Frames: <see cref="Frames"/> frames around the word's middle (the clip's middle where no word is marked), edge frames repeated.
/// Space: the mouth clip is averaged down to <see cref="Resize"/>², then its centre <see cref="Size"/>² is taken.
/// Channel 0: (pixel / 255 − <see cref="Mean"/>) / <see cref="StandardDeviation"/>. Channel 1, if <see cref="MarksWord"/>: 1 in the word's own frames
/// (in all frames where no word is marked), else 0. <see cref="ClipInput"/> does this, for training and serving alike.
/// </remarks>
public sealed record InputSpec
{
    /// <summary>T.</summary>
    public required int Frames { get; init; }
    /// <summary>Edge after scaling.</summary>
    public required int Resize { get; init; }
    /// <summary>Edge after the centre crop: H = W.</summary>
    public required int Size { get; init; }
    /// <summary>Mean of pixels / 255 over the training frames.</summary>
    public required double Mean { get; init; }
    /// <summary>Standard deviation of the same.</summary>
    public required double StandardDeviation { get; init; }
    /// <summary>Whether channel 1 marks the word's frames.</summary>
    public bool MarksWord { get; init; }
    /// <summary>Shortest clip, or marked word, in frames, that serving reads; shorter ones are refused.</summary>
    public int ShortestClip { get; init; } = 2;
    /// <summary>Longest clip, in frames, that is read whole without word times; longer ones are refused.</summary>
    public int LongestClip { get; init; } = int.MaxValue;

    /// <summary>Whether a word that was found in a clip has a length this model reads.</summary>
    public bool Reads(WordSpan found) => found.End - found.Start >= ShortestClip && found.End - found.Start <= LongestClip;

    /// <summary>C.</summary>
    [JsonIgnore]
    public int Channels => MarksWord ? 2 : 1;

    /// <summary>Floats of one clip's input: C × T × H × W.</summary>
    [JsonIgnore]
    public int Length => Channels * Frames * Size * Size;
}
