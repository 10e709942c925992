namespace LipSol.Inference;

/// <summary>Where and when a network looked for what it read, in the network's own picture: T frames of Size × Size pixels.</summary>
/// <remarks>Values say by how much the evidence for what was read falls when this is covered. Negative ones spoke for something else.</remarks>
public sealed record Saliency
{
    /// <summary>What was read from the clip as it is.</summary>
    public required ClipReading Reading { get; init; }
    /// <summary>What speaks for it there: of a word, its log-odds against all others; of a sentence, the log probability of the likeliest path that spells it.</summary>
    public required double Evidence { get; init; }
    /// <summary>T.</summary>
    public required int Frames { get; init; }
    /// <summary>H = W.</summary>
    public required int Size { get; init; }
    /// <summary>The picture that the network saw: grey, T × H × W.</summary>
    public required byte[] Picture_THW { get; init; }
    /// <summary>Where: a patch around the pixel is covered in all frames, H × W.</summary>
    public required float[] Where_HW { get; init; }
    /// <summary>When: the frames around are covered whole, T.</summary>
    public required float[] When_T { get; init; }
    /// <summary>Both: a patch is covered in the frames around, T × H × W.</summary>
    public required float[] Both_THW { get; init; }
    /// <summary>Whether a frame is marked as the word's, T; all are where the network marks none.</summary>
    public required bool[] InWord_T { get; init; }

    /// <summary>The part of the picture in which mouth clips hold the lips: the middle, wider than high. Clips are aligned by eyes and nose, so lips stay there whatever they do.</summary>
    /// <param name="y">From the top, in pixels.</param>
    /// <param name="x">From the left, in pixels.</param>
    public bool IsMouth(int y, int x)
    {
        double dy = ((y + 0.5) / Size - MouthMiddle) / MouthHalfHeight, dx = ((x + 0.5) / Size - 0.5) / MouthHalfWidth;
        return dy * dy + dx * dx <= 1;
    }

    /// <summary>The share of what speaks for the reading that lies on the mouth; <see cref="MouthArea"/> is what chance would give.</summary>
    public double MouthShare => Share(i => Math.Max(0, Where_HW[i]));

    /// <summary>The mouth's share of the picture.</summary>
    public double MouthArea => Share(_ => 1);

    private const double MouthMiddle = 0.48, MouthHalfHeight = 0.26, MouthHalfWidth = 0.42;

    private double Share(Func<int, double> weight)
    {
        double mouth = 0, all = 0;
        for (var i = 0; i < Where_HW.Length; i++)
        {
            all += weight(i);
            if (IsMouth(i / Size, i % Size)) mouth += weight(i);
        }
        return all > 0 ? mouth / all : 0;
    }
}
