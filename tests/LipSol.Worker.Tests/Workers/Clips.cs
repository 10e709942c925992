using LipSol.Clips;
using LipSol.Vision;

namespace LipSol.Worker.Tests.Workers;

/// <summary>Video files to crop.</summary>
internal static class Clips
{
    /// <summary>A drawn speaker whose mouth opens and closes.</summary>
    public static string Talking(string path, int frames = 20)
    {
        SyntheticVideo.Write(path, new SyntheticFace(), Enumerable.Range(0, frames).Select(t => new SyntheticFaceFrame { Opening = Math.Max(0, Math.Sin(0.5 * t)), Jaw = 0.5 * Math.Max(0, Math.Sin(0.5 * t)) }));
        return path;
    }

    public static MouthClip Read(string path)
    {
        using var file = File.OpenRead(path);
        return MouthClipFile.Read(file);
    }

    /// <summary>A speaker who isn't in the picture.</summary>
    public static string WithoutFace(string path, int frames = 20)
    {
        SyntheticVideo.Write(path, new SyntheticFace(), Enumerable.Repeat(new SyntheticFaceFrame { Centre = (9, 9) }, frames));
        return path;
    }
}
