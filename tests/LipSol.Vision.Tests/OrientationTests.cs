using OpenCvSharp;

namespace LipSol.Vision.Tests;

/// <summary>A recording that says how it's to be turned is turned so, and its crop shows the mouth as that of the same recording upright.</summary>
public sealed class OrientationTests
{
    private const int Frames = 20, Width = 240, Height = 320;
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".mp4", 90)]
    [InlineData(".mp4", 180)]
    [InlineData(".mp4", 270)]
    [InlineData(".mov", 90)]
    [InlineData(".mov", 270)]
    public void The_crop_of_a_turned_recording_is_that_of_the_upright_one(string extension, int degreesClockwise)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var upright = cropper.Crop(Write(scratch["upright" + extension], null), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        var turned = cropper.Crop(Turned(scratch["phone" + extension], degreesClockwise), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        AssertSame(upright, turned);
        Assert.Equal(upright.Faces[0].FaceWidth, turned.Faces[0].FaceWidth, 0.02 * upright.Faces[0].FaceWidth);
    }

    [Theory]
    [InlineData(".mov", 90)]
    [InlineData(".m4v", 180)]
    [InlineData(".3gp", 270)]
    public void It_is_turned_in_a_container_that_it_was_copied_to(string extension, int degreesClockwise)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var upright = cropper.Crop(Write(scratch["upright.mp4"], null), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Ffmpeg.Run(["-i", Turned(scratch["phone.mp4"], degreesClockwise), "-c", "copy", scratch["copy" + extension]]);
        AssertSame(upright, cropper.Crop(scratch["copy" + extension], MouthCropper.DefaultSettings, cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(270)]
    public void Pixels_that_are_not_square_are_stretched_along_the_side_that_was_squeezed(int degreesClockwise)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var square = cropper.Crop(Write(scratch["square.mp4"], null), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        // Squeezed to half its stored width: each pixel is twice as wide as it's high, as it's stored.
        var plain = degreesClockwise == 0 ? Write(scratch["plain.mp4"], null) : Write(scratch["plain.mp4"], Against(degreesClockwise));
        var (width, height) = degreesClockwise == 0 ? (Width, Height) : (Height, Width);
        var squeezed = scratch["squeezed.mp4"];
        Ffmpeg.Run(["-i", plain, "-vf", $"scale={width / 2}:{height},setsar=2/1", "-c:v", "mpeg4", "-q:v", "2", squeezed]);
        if (degreesClockwise != 0) Mp4.Turn(squeezed, degreesClockwise, width / 2, height);
        var result = cropper.Crop(squeezed, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        AssertSame(square, result, within: 9);
    }

    [Fact]
    public void A_face_that_hangs_upside_down_with_nothing_said_of_it_gives_an_upright_mouth()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var upright = cropper.Crop(Write(scratch["upright.mp4"], null), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        var hanging = cropper.Crop(Write(scratch["hanging.mp4"], RotateFlags.Rotate180), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal((Frames, Frames), (hanging.SourceFrames, hanging.TrackedFrames));
        Assert.True(Crops.Difference(upright.Clip, 10, hanging.Clip, 10) < 8);
        Assert.All(hanging.Faces, f => Assert.True(f.LipCornerRight.X - f.LipCornerLeft.X > 15, "the mesh isn't upside down"));
    }

    [Fact]
    public void So_does_a_real_one()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        foreach (var path in Grid.Speaker1(1).Concat(Grid.OtherSpeakers()))
        {
            using (var capture = new VideoCapture(path))
            {
                using var seen = new Mat();
                Drawn.WriteVideo(scratch["hanging.avi"], 50, 360, 288, 25, (_, picture) =>
                {
                    Assert.True(capture.Read(seen));
                    Cv2.Rotate(seen, picture, RotateFlags.Rotate180);
                });
            }

            var upright = cropper.Crop(path, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
            var hanging = cropper.Crop(scratch["hanging.avi"], MouthCropper.DefaultSettings, cancellationToken: Cancellation);
            Assert.True(hanging.TrackedFrames >= 49, $"{hanging.TrackedFrames} of 50 frames tracked in {path}");
            Assert.True(Crops.Difference(upright.Clip, 20, hanging.Clip, 20) < 8, $"{path}: another mouth");
        }
    }

    private static void AssertSame(MouthCropResult upright, MouthCropResult other, double within = 6)
    {
        Assert.Equal((Frames, Frames), (other.SourceFrames, other.TrackedFrames));
        foreach (var t in (int[])[0, Frames / 2, Frames - 1])
        {
            var same = Crops.Difference(upright.Clip, t, other.Clip, t);
            Assert.True(same < within, $"frame {t} differs by {same:0.0} grey levels");
            Assert.True(same < Crops.Difference(upright.Clip, t, other.Clip, t, bUpsideDown: true) / 2, $"frame {t} is as like it upside down");
        }
        Assert.All(other.Faces, f => Assert.True(f.LipCornerLeft.X - f.LipCornerRight.X > 15, "the mouth isn't upright"));
    }

    private static string Turned(string path, int degreesClockwise)
    {
        var sideways = degreesClockwise != 180;
        Write(path, Against(degreesClockwise));
        Mp4.Turn(path, degreesClockwise, sideways ? Height : Width, sideways ? Width : Height);
        return path;
    }

    /// <summary>How a camera held so stores what it sees.</summary>
    private static RotateFlags Against(int degreesClockwise) => degreesClockwise switch
    {
        90 => RotateFlags.Rotate90Counterclockwise,
        180 => RotateFlags.Rotate180,
        _ => RotateFlags.Rotate90Clockwise,
    };

    private static string Write(string path, RotateFlags? stored)
    {
        using var renderer = new SyntheticFaceRenderer();
        using var upright = new Mat(Height, Width, MatType.CV_8UC3);
        var talking = Drawn.Talking(Frames, 1);
        var sideways = stored is not null and not RotateFlags.Rotate180;
        Drawn.WriteVideo(path, Frames, sideways ? Height : Width, sideways ? Width : Height, 25, (t, picture) =>
        {
            renderer.Draw(Drawn.Speakers[0] with { Scale = 0.5 }, talking[t], upright);
            if (stored is { } turn) Cv2.Rotate(upright, picture, turn);
            else upright.CopyTo(picture);
        });
        return path;
    }
}
