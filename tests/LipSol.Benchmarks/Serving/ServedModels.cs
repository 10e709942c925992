using System.Diagnostics;
using LipSol.Benchmarks.Inference;
using LipSol.Clips;

namespace LipSol.Benchmarks.Serving;

/// <summary>The models that are served: word networks of the usual size with random weights. What they read means nothing, how long it takes does.</summary>
internal static class ServedModels
{
    /// <summary>Argument of this program with which it writes them.</summary>
    public const string Argument = "--write-served-models";

    /// <summary>Writes two model folders, <c>a</c> and <c>b</c>, by a process of its own: as in a node, libtorch is never loaded where models are served.</summary>
    public static async Task WriteElsewhereAsync(string folder, CancellationToken cancellationToken)
    {
        using var writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Own(), Argument, folder]))!;
        await writer.WaitForExitAsync(cancellationToken);
        if (writer.ExitCode != 0) throw new InvalidOperationException($"The models could not be written: the process that does it ended with status {writer.ExitCode}.");
    }

    /// <summary>Writes them in this process.</summary>
    public static int Write(string folder)
    {
        foreach (var (name, seed) in new[] { ("a", 1), ("b", 2) }) RandomWordModel.Write(Path.Combine(folder, name), seed);
        return 0;
    }

    /// <summary>A mouth that opens and closes, with a camera's noise.</summary>
    /// <param name="seed">Of what it shows.</param>
    /// <param name="crop">How it's said to be cropped; null: as the models here want it.</param>
    public static MouthClip Clip(int seed, CropSettings? crop = null)
    {
        var settings = crop ?? new CropSettings();
        var random = new Random(seed);
        var pixels_THW = new byte[RandomWordModel.Frames * settings.Size * settings.Size];
        for (var i = 0; i < pixels_THW.Length; i++)
        {
            var (t, y, x) = (i / (settings.Size * settings.Size), i / settings.Size % settings.Size, i % settings.Size);
            var opening = 3 + 10 * Math.Abs(Math.Sin(t * 0.4 + seed));
            var inMouth = Math.Pow((x - 48) / 26.0, 2) + Math.Pow((y - 50) / opening, 2) < 1;
            pixels_THW[i] = (byte)((inMouth ? 50 : 150) + random.Next(-12, 13));
        }
        return new MouthClip(pixels_THW, settings.Size, settings.Size, settings.FramesPerSecond, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), RandomWordModel.Frames)], settings);
    }

    // Started as `dotnet LipSol.Benchmarks.dll`, the process is dotnet.
    private static string[] Own() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ServedModels).Assembly.Location] : [];
}
