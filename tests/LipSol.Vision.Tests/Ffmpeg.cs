using System.Diagnostics;

namespace LipSol.Vision.Tests;

/// <summary>The system's ffmpeg, for containers and codecs that OpenCV reads but doesn't write.</summary>
internal static class Ffmpeg
{
    /// <summary>Runs it, or skips the test where it isn't installed or hasn't got the codec.</summary>
    public static void Run(IEnumerable<string> arguments)
    {
        var program = "/usr/bin/ffmpeg";
        Assert.SkipUnless(File.Exists(program), "ffmpeg isn't installed (Debian: apt-get install ffmpeg).");
        using var process = Process.Start(new ProcessStartInfo(program, ["-hide_banner", "-loglevel", "error", "-y", "-threads", "1", .. arguments]) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.SkipWhen(said.Contains("Unknown encoder", StringComparison.Ordinal), said);
        Assert.True(process.ExitCode == 0, said);
    }
}
