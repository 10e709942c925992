using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>Decodes a picture that a caller sent.</summary>
internal static class PictureDecoding
{
    /// <exception cref="UnusableClipException">It's neither JPEG nor PNG, is damaged, or has too many pixels.</exception>
    public static Mat Decode(ReadOnlySpan<byte> picture, long pixels)
    {
        // Two formats that cameras and browsers make: what else OpenCV can decode is only more to attack.
        if (!picture.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) && !picture.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            throw new UnusableClipException(UnusableReason.Undecodable, "A picture is neither JPEG nor PNG. Send one picture a message.");
        OpenCvRuntime.Prepare();
        Mat? frame_BGR = null;
        try
        {
            frame_BGR = Cv2.ImDecode(picture, ImreadModes.Color);
        }
        catch (OpenCVException)
        {
            // A picture over OpenCV's own bound of pixels ends here, before it's decoded; one refusal says both.
        }

        if (frame_BGR is null || frame_BGR.Empty())
        {
            frame_BGR?.Dispose();
            throw new UnusableClipException(UnusableReason.Undecodable, $"A picture of {picture.Length} bytes is damaged, or has more than {pixels / 1e6:0.#} million pixels.");
        }

        if ((long)frame_BGR.Width * frame_BGR.Height <= pixels) return frame_BGR;
        var (width, height) = (frame_BGR.Width, frame_BGR.Height);
        frame_BGR.Dispose();
        throw new UnusableClipException(UnusableReason.TooLarge, $"A picture has {width}×{height} pixels; at most {pixels / 1e6:0.#} million are taken. Scale it down: 640×480 is plenty where the face fills a third of it.");
    }
}
