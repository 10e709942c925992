using OpenCvSharp;

namespace LipSol.Vision.Tests;

public sealed class DrawnSpeakerTests
{
    [Fact]
    public void Drawn_speakers_are_tracked_in_99_percent_of_frames_with_corners_within_3_percent_of_the_face()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        int frames = 0, tracked = 0;
        var errors = new List<double>();
        for (var speaker = 0; speaker < Drawn.Speakers.Length; speaker++)
        {
            var clip = scratch[$"{speaker}.mp4"];
            var truth = SyntheticVideo.Write(clip, Drawn.Speakers[speaker], Drawn.Talking(75, 10 + speaker), seed: speaker);
            var result = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken);
            frames += result.SourceFrames;
            tracked += result.TrackedFrames;
            foreach (var face in result.Faces)
            {
                var drawn = truth[face.Frame];
                errors.Add(face.LipCornerRight.DistanceTo(drawn.LipCornerRight) / drawn.FaceWidth);
                errors.Add(face.LipCornerLeft.DistanceTo(drawn.LipCornerLeft) / drawn.FaceWidth);
            }

            Assert.True(Correlation(result.Faces.Select(f => f.LipGap), result.Faces.Select(f => truth[f.Frame].LipGap)) > 0.85, $"the gap of speaker {speaker} isn't followed");
            Assert.True(Correlation(result.Faces.Select(Width), result.Faces.Select(f => truth[f.Frame].LipCornerRight.DistanceTo(truth[f.Frame].LipCornerLeft))) > 0.75, $"the width of speaker {speaker} isn't followed");
        }

        Assert.Equal(75 * Drawn.Speakers.Length, frames);
        Assert.True(tracked >= 0.99 * frames, $"{tracked} of {frames} frames tracked");
        var within = errors.Count(e => e <= 0.03) / (double)errors.Count;
        Assert.True(within >= 0.97, $"{within:P1} of the corners within 3 %, mean {errors.Average():P2}");
        Assert.True(errors.Average() < 0.015, $"mean error {errors.Average():P2}");

        static double Width(FaceObservation face) => face.LipCornerRight.DistanceTo(face.LipCornerLeft);
    }

    [Fact]
    public void Opening_rounding_spreading_teeth_tongue_and_biting_each_change_the_crop()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        SyntheticFaceFrame[] shapes =
        [
            new(), new() { Opening = 0.7, Jaw = 0.6 }, new() { Spread = -1, Protrusion = 1 }, new() { Spread = 1 }, new() { Press = 1 }, new() { LipBite = 1 },
            new() { Opening = 0.4, Teeth = 1 }, new() { Opening = 0.4, Tongue = 1 }, new() { Opening = 0.4 }, new() { Opening = 0.4, Spread = -1, Protrusion = 1 },
        ];
        var clip = scratch["shapes.avi"];
        SyntheticVideo.Write(clip, Drawn.Speakers[0], shapes.SelectMany(s => Enumerable.Repeat(s with { Noise = 1 }, 10)));
        var crops = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken).Clip;
        var pixels = crops.Height * crops.Width;
        for (var a = 0; a < shapes.Length; a++)
            for (var b = 0; b < a; b++)
            {
                var difference = Enumerable.Range(0, pixels).Average(i => Math.Abs(crops.Frames_THW[(10 * a + 5) * pixels + i] - crops.Frames_THW[(10 * b + 5) * pixels + i]));
                Assert.True(difference > 2, $"shapes {a} and {b} differ by {difference:0.0} grey levels");
            }
    }

    [Theory]
    [InlineData(".mp4")]
    [InlineData(".avi")]
    public void The_same_speaker_motion_and_seed_give_the_same_file(string extension)
    {
        using var scratch = new TemporaryFolder();
        var first = SyntheticVideo.Write(scratch["a" + extension], Drawn.Speakers[1], Drawn.Talking(12, 3), seed: 5);
        var second = SyntheticVideo.Write(scratch["b" + extension], Drawn.Speakers[1], Drawn.Talking(12, 3), seed: 5);
        SyntheticVideo.Write(scratch["c" + extension], Drawn.Speakers[1], Drawn.Talking(12, 3), seed: 6);
        Assert.Equal(first, second);
        Assert.Equal(File.ReadAllBytes(scratch["a" + extension]), File.ReadAllBytes(scratch["b" + extension]));
        Assert.NotEqual(File.ReadAllBytes(scratch["a" + extension]), File.ReadAllBytes(scratch["c" + extension]));
    }

    [Fact]
    public void Motion_below_a_pixel_is_drawn()
    {
        using var renderer = new SyntheticFaceRenderer();
        using Mat here = new(240, 320, MatType.CV_8UC3), there = new(240, 320, MatType.CV_8UC3), change = new();
        renderer.Draw(Drawn.Speakers[0], new() { Noise = 0 }, here);
        var differences = new List<double>();
        for (var step = 1; step <= 4; step++)
        {
            renderer.Draw(Drawn.Speakers[0], new() { Noise = 0, Centre = (0.5 + 0.2 * step / 320, 0.5) }, there);
            Cv2.Absdiff(here, there, change);
            differences.Add(Cv2.Mean(change).Val0);
        }

        Assert.True(differences[0] > 0.01 && differences.SequenceEqual(differences.Order()), string.Join(", ", differences));
    }

    [Fact]
    public void A_face_partly_or_wholly_outside_the_picture_is_drawn_without_an_error()
    {
        using var renderer = new SyntheticFaceRenderer();
        using var picture = new Mat(64, 96, MatType.CV_8UC3);
        foreach (var x in (ReadOnlySpan<double>)[-3, -0.2, 0, 0.5, 1, 1.4, 9])
            foreach (var zoom in (ReadOnlySpan<double>)[0.01, 1, 8])
                renderer.Draw(Drawn.Speakers[2], new() { Centre = (x, 0.3), Zoom = zoom, Opening = 1, Teeth = 1, Tongue = 1, LipBite = 1 }, picture);
    }

    private static double Correlation(IEnumerable<double> first, IEnumerable<double> second)
    {
        double[] a = first.ToArray(), b = second.ToArray();
        double meanA = a.Average(), meanB = b.Average();
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum() / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB)));
    }
}
