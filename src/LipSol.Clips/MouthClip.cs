namespace LipSol.Clips;

/// <summary>One recording's aligned mouth crops: T grey frames of Height × Width bytes, at a constant rate.</summary>
/// <remarks>The tensor is <c>frames_THW</c>, row-major, 0 = black, 255 = white.</remarks>
public sealed class MouthClip
{
    /// <summary>Creates a clip; checks that the sizes agree.</summary>
    /// <exception cref="ArgumentException">The frames don't hold T × Height × Width bytes, or the quality has not one entry a frame.</exception>
    public MouthClip(byte[] frames_THW, int height, int width, double framesPerSecond, IReadOnlyList<FrameQuality> quality, CropSettings settings)
    {
        ArgumentNullException.ThrowIfNull(frames_THW);
        ArgumentNullException.ThrowIfNull(quality);
        if (height <= 0 || width <= 0 || frames_THW.Length == 0 || frames_THW.Length % (height * width) != 0)
            throw new ArgumentException($"{frames_THW.Length} bytes are not a whole number of {height}×{width} frames.", nameof(frames_THW));
        if (quality.Count != frames_THW.Length / (height * width))
            throw new ArgumentException($"{quality.Count} quality entries for {frames_THW.Length / (height * width)} frames.", nameof(quality));
        if (!(framesPerSecond > 0) || !double.IsFinite(framesPerSecond))
            throw new ArgumentException($"{framesPerSecond} is not a frame rate.", nameof(framesPerSecond));
        Frames_THW = frames_THW;
        Height = height;
        Width = width;
        FramesPerSecond = framesPerSecond;
        Quality = quality;
        Settings = settings;
    }

    /// <summary>The pixels, T × Height × Width, row-major.</summary>
    public byte[] Frames_THW { get; }

    /// <summary>Number of frames, T.</summary>
    public int Length => Quality.Count;

    /// <summary>Pixels from top to bottom.</summary>
    public int Height { get; }

    /// <summary>Pixels from left to right.</summary>
    public int Width { get; }

    /// <summary>Frames a second; constant (the tracker resamples).</summary>
    public double FramesPerSecond { get; }

    /// <summary>How each frame was obtained; one entry a frame.</summary>
    public IReadOnlyList<FrameQuality> Quality { get; }

    /// <summary>The settings the crops were made with. A model refuses clips made with other settings than its own.</summary>
    public CropSettings Settings { get; }

    /// <summary>The pixels of frame <paramref name="index"/>, Height × Width.</summary>
    public ReadOnlySpan<byte> Frame(int index) => Frames_THW.AsSpan(index * Height * Width, Height * Width);

    /// <summary>The share of frames in which the face was really tracked; interpolated ones don't count.</summary>
    public double TrackedShare => Quality.Count(q => q.Source == FrameSource.Tracked) / (double)Length;
}

/// <summary>Where a mouth clip's frame came from.</summary>
public enum FrameSource : byte
{
    /// <summary>No face near in time: the frame repeats its nearest neighbour.</summary>
    Missing = 0,

    /// <summary>The landmarks were interpolated between neighbours.</summary>
    Interpolated = 1,

    /// <summary>The landmarks were found in this frame.</summary>
    Tracked = 2,
}

/// <summary>How one frame of a mouth clip was obtained.</summary>
/// <param name="Source">Tracked, interpolated or missing.</param>
/// <param name="Confidence">The landmark model's confidence, 0 to 1.</param>
public readonly record struct FrameQuality(FrameSource Source, float Confidence);
