using LipSol.Clips;
using OpenCvSharp;

namespace LipSol.Vision;

/// <summary>A folder of numbered pictures (<c>7.png</c>, <c>frame_0007.jpg</c>, …), in the order of their last number.</summary>
internal sealed class PictureFrames : ClipFrames
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"];

    private readonly IReadOnlyList<string> _files;
    private int _next;

    public PictureFrames(string folder, double framesPerSecond, CropLimits limits) : base(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), limits)
    {
        if (!(framesPerSecond > 0) || !double.IsFinite(framesPerSecond))
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond, "A frame rate is a positive number.");
        FramesPerSecond = framesPerSecond;
        _files = NumberedPictures.In(folder, Extensions);
        if (_files.Count == 0)
            throw new UnusableClipException(UnusableReason.Undecodable, $"The folder {Name} holds no numbered pictures. Name them 0001.png, 0002.png, … (PNG, JPEG, BMP, TIFF or WebP).");
        Declared = _files.Count;
        CheckLength(_files.Count / framesPerSecond, _files.Count);
        CheckBytes(_files.Sum(f => new FileInfo(f).Length));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <inheritdoc/>
    protected override bool TryDecode(Mat frame_BGR, out double seconds)
    {
        seconds = _next / FramesPerSecond;
        if (_next == _files.Count) return false;
        var file = _files[_next++];
        using var picture = Decode(file);
        picture.CopyTo(frame_BGR);
        return true;
    }

    private Mat Decode(string file)
    {
        try
        {
            var picture = Cv2.ImRead(file, ImreadModes.Color);
            if (!picture.Empty()) return picture;
            picture.Dispose();
        }
        catch (OpenCVException)
        {
            // A picture over OpenCV's own bound of pixels ends here; the refusal below says what to do.
        }

        throw new UnusableClipException(UnusableReason.Undecodable, $"{Path.GetFileName(file)} in the folder {Name} is not a picture that can be decoded. Replace or remove it.");
    }
}
