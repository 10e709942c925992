using OpenCvSharp;

namespace LipSol.Vision.Tests;

/// <summary>Of several faces the largest one that stays is followed, and it's said.</summary>
public sealed class SeveralFacesTests : IDisposable
{
    private const int Frames = 40;
    private readonly TemporaryFolder _scratch = new();
    private readonly MouthCropper _cropper = new();

    public void Dispose()
    {
        _cropper.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void The_larger_of_two_that_stay()
    {
        var result = Crop(Both(right: _ => true));
        Assert.Equal(2, result.FacesSeen);
        Assert.All(result.Faces, f => Assert.True(f.LipCornerRight.X > 240));
        var note = Assert.Single(result.Notes);
        Assert.Matches($"^2 faces were seen; the largest that stays was followed: [0-9]+ pixels wide, in {Frames} of {Frames} frames", note);
        Assert.Matches($"the others: [0-9]+ pixels in {Frames} frames", note);
    }

    [Theory]
    [InlineData(0, 14)] // leaves
    [InlineData(26, Frames)] // comes late
    public void Not_the_larger_one_that_only_passes(int from, int to)
    {
        var result = Crop(Both(right: t => t >= from && t < to));
        Assert.Equal((2, Frames), (result.FacesSeen, result.TrackedFrames));
        Assert.All(result.Faces, f => Assert.True(f.LipCornerRight.X < 240));
        Assert.Contains(result.Notes, n => n.StartsWith("2 faces were seen", StringComparison.Ordinal) && n.Contains($"in {Frames} of {Frames} frames", StringComparison.Ordinal));
    }

    [Fact]
    public void One_face_alone_is_not_remarked_on() => Assert.Empty(Crop(Drawn.WriteTalking(_scratch["alone.mp4"])).Notes);

    [Fact]
    public void Of_two_real_speakers_side_by_side_the_nearer_one()
    {
        var (near, far) = (Grid.Speaker1(1)[0], Grid.OtherSpeakers()[0]);
        var path = _scratch["pair.avi"];
        Pair(near, far, path);
        var result = Crop(path);
        Assert.Equal(2, result.FacesSeen);
        Assert.Equal(result.SourceFrames, result.TrackedFrames);
        Assert.All(result.Faces, f => Assert.True(f.LipCornerLeft.X < 540, "it's the one on the right"));
        Assert.Contains(result.Notes, n => n.StartsWith("2 faces were seen", StringComparison.Ordinal));
        // The same mouth as that of the recording alone.
        var alone = Crop(near);
        Assert.True(Crops.Difference(alone.Clip, 30, result.Clip, 30) < 8, "it's another mouth");
    }

    private MouthCropResult Crop(string path) => _cropper.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>A small face on the left throughout, a larger one on the right now and then.</summary>
    private string Both(Func<int, bool> right)
    {
        using var renderer = new SyntheticFaceRenderer();
        using Mat small = new(300, 240, MatType.CV_8UC3), large = new(300, 240, MatType.CV_8UC3);
        Drawn.WriteVideo(_scratch["both.avi"], Frames, 480, 300, 25, (t, picture) =>
        {
            renderer.Draw(Drawn.Speakers[0] with { Scale = 0.42 }, new() { Opening = 0.3 }, small);
            renderer.Draw(Drawn.Speakers[1] with { Scale = 0.60 }, right(t) ? new() { Opening = 0.3 } : new() { Centre = (9, 9) }, large);
            Cv2.HConcat(small, large, picture);
        });
        return _scratch["both.avi"];
    }

    /// <summary>One recording half as large again beside another.</summary>
    private static void Pair(string near, string far, string path)
    {
        using VideoCapture left = new(near), right = new(far);
        using Mat nearer = new(), farther = new(), seen = new();
        Drawn.WriteVideo(path, 75, 540 + 360, 432, 25, (_, picture) =>
        {
            Assert.True(left.Read(seen));
            Cv2.Resize(seen, nearer, new Size(540, 432));
            Assert.True(right.Read(seen));
            using var room = new Mat(432, 360, MatType.CV_8UC3, Scalar.All(60));
            seen.CopyTo(new Mat(room, new Rect(0, 72, 360, 288)));
            Cv2.HConcat(nearer, room, picture);
        });
    }
}
