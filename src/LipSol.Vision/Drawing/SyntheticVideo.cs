using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Writes drawn speakers as real video files.</summary>
public static class SyntheticVideo
{
    /// <summary>Draws and encodes a clip: MPEG-4 in .mp4, Motion JPEG in .avi.</summary>
    /// <param name="path">The file to write; its extension chooses the codec.</param>
    /// <param name="face">How the speaker looks.</param>
    /// <param name="frames">What the face does, frame by frame.</param>
    /// <param name="framesPerSecond">The rate.</param>
    /// <param name="width">Pixels from left to right; even.</param>
    /// <param name="height">Pixels from top to bottom; even.</param>
    /// <param name="seed">Seed of the sensor's noise. Equal input and seed give equal bytes.</param>
    /// <param name="cancellationToken">Stops between two frames; the unfinished file is removed.</param>
    /// <returns>What was drawn in each frame.</returns>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static IReadOnlyList<SyntheticFaceTruth> Write(
        string path, SyntheticFace face, IEnumerable<SyntheticFaceFrame> frames, double framesPerSecond = 25, int width = 320, int height = 240, long seed = 0, CancellationToken cancellationToken = default)
    {
        using var renderer = new SyntheticFaceRenderer();
        return Write(renderer, path, face, frames, framesPerSecond, width, height, seed, cancellationToken);
    }

    /// <summary>As the other overload, with a renderer to use for many clips.</summary>
    /// <inheritdoc cref="Write(string, SyntheticFace, IEnumerable{SyntheticFaceFrame}, double, int, int, long, CancellationToken)"/>
    public static IReadOnlyList<SyntheticFaceTruth> Write(
        SyntheticFaceRenderer renderer, string path, SyntheticFace face, IEnumerable<SyntheticFaceFrame> frames, double framesPerSecond = 25, int width = 320, int height = 240, long seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(frames);
        if (width % 2 != 0 || height % 2 != 0) throw new ArgumentException($"A video of {width}×{height} pixels can't be encoded: both have to be even.");
        var codec = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".mp4" => "mp4v",
            ".avi" => "MJPG",
            var other => throw new ArgumentException($"A synthetic video is an .mp4 or an .avi, not {other}.", nameof(path)),
        };
        var truth = new List<SyntheticFaceTruth>();
        var done = false;
        try
        {
            using var writer = new VideoWriter(Path.GetFullPath(path), VideoCaptureAPIs.FFMPEG, FourCC.FromString(codec), framesPerSecond, new Size(width, height));
            if (!writer.IsOpened()) throw new IOException($"{path} can't be written. Check that its folder exists and that there is room.");
            using var picture = new Mat(height, width, MatType.CV_8UC3);
            var noise = unchecked((ulong)seed);
            foreach (var frame in frames)
            {
                cancellationToken.ThrowIfCancellationRequested();
                truth.Add(renderer.Draw(face, frame, picture, SensorNoise.Next(ref noise)));
                writer.Write(picture);
            }

            done = true;
        }
        finally
        {
            if (!done) File.Delete(path);
        }

        return truth;
    }
}
