using OpenCvSharp;

namespace LipSol.Cluster.Tests.Uploads;

/// <summary>A video as the pictures that a camera's page would send.</summary>
internal static class JpegFrames
{
    /// <summary>Every frame as a JPEG picture, in order.</summary>
    public static List<byte[]> Of(string video)
    {
        var pictures = new List<byte[]>();
        using var capture = new VideoCapture(video);
        using var frame = new Mat();
        while (capture.Read(frame))
        {
            Cv2.ImEncode(".jpg", frame, out var jpeg);
            pictures.Add(jpeg);
        }
        return pictures;
    }
}
