using OpenCvSharp;

namespace LipSol.Vision.Tests;

/// <summary>The GRID clips beside the repository, where they are at hand.</summary>
internal static class Grid
{
    public static IReadOnlyList<string> Speaker1(int count) => Clips(Path.Combine("s1", "video")).Take(count).ToList();

    public static IReadOnlyList<string> OtherSpeakers() => Clips("unseen");

    private static List<string> Clips(string folder) => Directory.EnumerateFiles(RepositoryRoot.Shared("grid", folder), "*.mpg").Order(StringComparer.Ordinal).ToList();
}

/// <summary>Speakers and motions to draw.</summary>
internal static class Drawn
{
    public static readonly SyntheticFace[] Speakers =
    [
        new(),
        new() { Aspect = 0.72, Skin = (225, 185, 160), Lips = (190, 100, 105), Hair = (90, 60, 35), EyeDistance = 0.46, MouthWidth = 0.33, LipFullness = 1.2, Background = (70, 90, 80) },
        new() { Aspect = 0.80, Skin = (150, 105, 80), Lips = (120, 65, 62), Hair = (20, 15, 15), EyeDistance = 0.42, MouthWidth = 0.40, LipFullness = 0.8, Background = (160, 160, 150), Beard = 0.6, Scale = 0.7 },
        new() { Aspect = 0.76, Skin = (180, 135, 105), Lips = (150, 75, 78), Hair = (30, 25, 25), Beard = 1.0, Scale = 0.58, NoseLength = 0.24, MouthHeight = 0.25, Background = (60, 70, 110) },
        new() { Aspect = 0.73, Skin = (105, 72, 55), Lips = (95, 50, 52), Hair = (15, 12, 12), LipFullness = 1.35, MouthWidth = 0.41, Scale = 0.66, Background = (190, 185, 170) },
        new() { Aspect = 0.70, Skin = (240, 205, 185), Lips = (200, 120, 120), Hair = (160, 120, 70), LipFullness = 0.7, MouthWidth = 0.32, Scale = 0.55, NoseLength = 0.20, MouthHeight = 0.23, Background = (100, 130, 160) },
    ];

    /// <summary>A head that sways, blinks and mouths: everything moves at once.</summary>
    public static List<SyntheticFaceFrame> Talking(int count, int seed)
    {
        var random = new Random(seed);
        double Between(double low, double high) => low + (high - low) * random.NextDouble();
        double roll = Between(-5, 5), yaw = Between(-0.6, 0.6), lightSide = Between(-0.8, 0.8), light = Between(0.75, 1.2), zoom = Between(0.92, 1.08);
        double phase = Between(0, 6), other = Between(0, 6);
        var centre = (X: Between(0.45, 0.55), Y: Between(0.47, 0.53));
        return Enumerable.Range(0, count).Select(t =>
        {
            double opening = Math.Max(0, Math.Sin(0.5 * t + phase)), spread = Math.Sin(0.23 * t + other);
            return new SyntheticFaceFrame
            {
                Opening = opening,
                Jaw = 0.8 * opening,
                Spread = spread,
                Protrusion = Math.Max(0, -spread),
                Teeth = Math.Max(0, 0.4 + 0.6 * spread),
                Tongue = t / 15 % 2 * 0.6,
                Roll = roll + 3 * Math.Sin(0.07 * t),
                Yaw = Math.Clamp(yaw + 0.4 * Math.Sin(0.05 * t), -1, 1),
                Pitch = 0.3 * Math.Sin(0.06 * t),
                Centre = (centre.X + 0.01 * Math.Sin(0.04 * t), centre.Y + 0.01 * Math.Sin(0.06 * t)),
                Zoom = zoom,
                EyesOpen = t % 40 > 36 ? 0.1 : 1,
                Light = light,
                LightSide = lightSide,
                Noise = 3,
            };
        }).ToList();
    }

    /// <summary>Writes a clip whose pictures the caller makes.</summary>
    public static void WriteVideo(string path, int count, int width, int height, double framesPerSecond, Action<int, Mat> draw)
    {
        using var picture = new Mat(height, width, MatType.CV_8UC3, Scalar.All(90));
        using var writer = new VideoWriter(path, VideoCaptureAPIs.FFMPEG, FourCC.FromString(path.EndsWith(".avi", StringComparison.Ordinal) ? "MJPG" : "mp4v"), framesPerSecond, new Size(width, height));
        Assert.True(writer.IsOpened(), $"OpenCV can't write {Path.GetExtension(path)} here");
        for (var t = 0; t < count; t++)
        {
            draw(t, picture);
            writer.Write(picture);
        }
    }

    /// <summary>A clip of one speaker whose closed mouth opens at a time, and stays open.</summary>
    public static string WriteOpening(string path, double opensAt, double seconds, double framesPerSecond)
    {
        using var renderer = new SyntheticFaceRenderer();
        WriteVideo(path, (int)Math.Round(seconds * framesPerSecond), 320, 240, framesPerSecond, (t, picture) =>
            renderer.Draw(Speakers[0], t / framesPerSecond >= opensAt - 1e-6 ? new() { Opening = 0.8, Jaw = 0.7 } : new(), picture));
        return path;
    }

    /// <summary>A clip of one speaker.</summary>
    public static string WriteTalking(string path, int count = 30, int speaker = 0, double framesPerSecond = 25)
    {
        SyntheticVideo.Write(path, Speakers[speaker], Talking(count, speaker), framesPerSecond, seed: speaker);
        return path;
    }
}
