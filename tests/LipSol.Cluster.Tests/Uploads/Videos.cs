using System.Buffers.Binary;
using LipSol.Clips;
using LipSol.Vision;
using OpenCvSharp;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>Video files, drawn: good ones and ones that nobody should be able to harm a node with.</summary>
internal static class Videos
{
    private static readonly SyntheticFace Speaker = new() { Aspect = 0.75, Scale = 0.62 };

    /// <summary>Someone who speaks.</summary>
    public static string Talking(string path, int frames = 30, double framesPerSecond = 25, int width = 320, int height = 240)
    {
        SyntheticVideo.Write(path, Speaker, Enumerable.Range(0, frames).Select(Speak), framesPerSecond, width, height);
        return path;
    }

    /// <summary>Nobody: a wall with a spot of light that moves, drawn as a face far outside the picture.</summary>
    public static string WithoutFace(string path, int frames = 30)
    {
        SyntheticVideo.Write(path, Speaker, Enumerable.Range(0, frames).Select(t => Away with { Light = 0.8 + 0.01 * t }));
        return path;
    }

    /// <summary>Someone who leaves the picture.</summary>
    public static string Leaving(string path, int frames, int after)
    {
        SyntheticVideo.Write(path, Speaker, Enumerable.Range(0, frames).Select(t => t < after ? Speak(t) : Away));
        return path;
    }

    /// <summary>Two people side by side, the right one nearer.</summary>
    public static string OfTwo(string path, int frames = 30)
    {
        using var renderer = new SyntheticFaceRenderer();
        using Mat left = new(300, 240, MatType.CV_8UC3), right = new(300, 240, MatType.CV_8UC3), both = new();
        using var writer = new VideoWriter(path, VideoCaptureAPIs.FFMPEG, FourCC.FromString("MJPG"), 25, new Size(480, 300));
        for (var t = 0; t < frames; t++)
        {
            renderer.Draw(Speaker with { Scale = 0.42 }, Speak(t), left, 1);
            renderer.Draw(Speaker with { Scale = 0.60 }, Speak(t), right, 2);
            Cv2.HConcat(left, right, both);
            writer.Write(both);
        }
        return path;
    }

    public static string Write(string path, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>The first part of a file.</summary>
    public static string Truncated(string path, string whole, double share)
    {
        var bytes = File.ReadAllBytes(whole);
        return Write(path, bytes.AsSpan(0, (int)(bytes.Length * share)));
    }

    /// <summary>An .avi of Motion JPEG whose every picture says that it is larger than it is: headers of the container and of each JPEG frame (SOF0, ITU-T T.81 B.2.2).</summary>
    public static string Claiming(string path, ushort width, ushort height)
    {
        var bytes = File.ReadAllBytes(Talking(path, 8));
        for (var at = 0; at < bytes.Length - 9; at++)
        {
            if (bytes[at] == 0xFF && bytes[at + 1] == 0xC0 && bytes[at + 2] == 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 5), height);
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 7), width);
            }
            // BITMAPINFOHEADER: 40, width, height.
            if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) == 40 && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4)) == 320)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 4), width);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 8), height);
            }
        }
        return Write(path, bytes);
    }

    /// <summary>An .mp4 whose media data says that it has four gigabytes; the file is as small as before.</summary>
    public static string OfFourGigabytes(string path)
    {
        var bytes = File.ReadAllBytes(Talking(path, 8));
        var mdat = bytes.AsSpan().IndexOf("mdat"u8);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(mdat - 4), uint.MaxValue);
        return Write(path, bytes);
    }

    private static SyntheticFaceFrame Away => new() { Centre = (9, 9) };

    private static SyntheticFaceFrame Speak(int t) => new() { Opening = Math.Max(0, Math.Sin(0.5 * t)), Jaw = 0.7 * Math.Max(0, Math.Sin(0.5 * t)), Spread = Math.Sin(0.23 * t), Noise = 2 };
}
