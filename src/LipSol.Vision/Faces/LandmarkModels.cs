using System.Security.Cryptography;
using OpenCvSharp.Dnn;

namespace LipSol.Vision;

/// <summary>MediaPipe's face detector and landmark model, as the build puts them beside the program.</summary>
/// <remarks>From the npm package <c>@mediapipe/face_mesh</c> (Apache-2.0). The folder is <c>landmark-models</c> beside the program,
/// or the one that the environment variable <c>LIPSOL_LANDMARK_MODELS</c> names.</remarks>
internal static class LandmarkModels
{
    private const string DetectorFile = "face_detection_short_range.tflite";
    private const string LandmarksFile = "face_landmark.tflite";
    private static readonly Lazy<string> LazyHash = new(ComputeHash);

    /// <summary>MD5 over both models together, in lower-case hexadecimal.</summary>
    public static string Hash => LazyHash.Value;

    /// <summary>A detector net of one's own: nets aren't safe to share between threads.</summary>
    public static Net LoadDetector() => Load(DetectorFile);

    /// <summary>A landmark net of one's own: nets aren't safe to share between threads.</summary>
    public static Net LoadLandmarks() => Load(LandmarksFile);

    private static readonly Lock ImportGate = new();

    private static Net Load(string file)
    {
        OpenCvRuntime.Prepare();
        // OpenCV fills its table of TFLite operators at the first import, without a lock: two first imports at once fail ("Unsupported operator type").
        lock (ImportGate) return Import(file);
    }

    private static Net Import(string file)
    {
        var net = CvDnn.ReadNet(Find(file)) ?? throw new InvalidOperationException($"{Find(file)} could not be read as a network. Delete it and build again.");
        net.SetPreferableBackend(Backend.OPENCV);
        net.SetPreferableTarget(Target.CPU);
        return net;
    }

    private static string Find(string file)
    {
        var given = Environment.GetEnvironmentVariable("LIPSOL_LANDMARK_MODELS");
        var path = Path.Combine(string.IsNullOrEmpty(given) ? Path.Combine(AppContext.BaseDirectory, "landmark-models") : given, file);
        return File.Exists(path) ? path
            : throw new FileNotFoundException($"The landmark model {path} is missing. Build the program again, or set LIPSOL_LANDMARK_MODELS to the folder that holds it.", path);
    }

    private static string ComputeHash()
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(File.ReadAllBytes(Find(DetectorFile)));
        md5.AppendData(File.ReadAllBytes(Find(LandmarksFile)));
        return Convert.ToHexStringLower(md5.GetHashAndReset());
    }
}
