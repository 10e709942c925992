using System.Runtime.InteropServices;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Sets OpenCV up for this process, once, before its native library is loaded.</summary>
internal static class OpenCvRuntime
{
    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Loads OpenCV on the first call.</summary>
    /// <exception cref="InvalidOperationException">The native library or one that it needs is missing.</exception>
    public static void Prepare() => _ = Loaded.Value;

    private static bool Load()
    {
        // OpenCV reads these through getenv, which doesn't see .NET's copy of the environment. What the user has set wins.
        SetNative("OPENCV_LOG_LEVEL", "SILENT");
        SetNative("OPENCV_FFMPEG_LOGLEVEL", "-8");
        // A playlist inside an uploaded "video" must not make FFmpeg fetch from the network.
        SetNative("OPENCV_FFMPEG_CAPTURE_OPTIONS", "protocol_whitelist;file");
        SetNative("OPENCV_IO_MAX_IMAGE_PIXELS", "134217728");
        try
        {
            // Clips run in parallel, a thread each; threads inside OpenCV would only fight over the cores.
            Cv2.SetNumThreads(1);
            return true;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or OpenCvSharpException)
        {
            throw new InvalidOperationException(
                "OpenCV's native library could not be loaded. It needs GTK 3: on Debian and Ubuntu run `apt-get install libgtk-3-0` (libgtk-3-0t64 on Ubuntu 24.04 and Debian 13). "
                + (e.InnerException ?? e).Message, e);
        }
    }

    private static void SetNative(string name, string value)
    {
        if (OperatingSystem.IsWindows()) Environment.SetEnvironmentVariable(name, Environment.GetEnvironmentVariable(name) ?? value);
        else if (setenv(name, value, 0) != 0) throw new InvalidOperationException($"setenv {name} failed.");
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
