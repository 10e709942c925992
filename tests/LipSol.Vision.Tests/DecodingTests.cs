using OpenCvSharp;

namespace LipSol.Vision.Tests;

public sealed class DecodingTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public void The_same_clip_gives_the_same_bytes_again_and_on_another_thread()
    {
        using var scratch = new TemporaryFolder();
        var clips = Enumerable.Range(0, 4).Select(i => Drawn.WriteTalking(scratch[$"{i}.mp4"], 15, i)).ToList();
        using var cropper = new MouthCropper();
        var alone = clips.ConvertAll(c => MouthClipFile.ToBytes(cropper.Crop(c, MouthCropper.DefaultSettings).Clip));
        var together = new byte[clips.Count][];
        Parallel.For(0, clips.Count, i =>
        {
            using var another = new MouthCropper();
            together[i] = MouthClipFile.ToBytes(another.Crop(clips[i], MouthCropper.DefaultSettings).Clip);
        });
        for (var i = 0; i < clips.Count; i++) Assert.Equal(alone[i], together[i]);
    }

    [Theory]
    [InlineData(50, 100, 50)]
    [InlineData(30, 60, 50)]
    [InlineData(15, 30, 50)]
    [InlineData(25, 31, 31)]
    public void Any_rate_is_resampled_to_25_frames_a_second(double framesPerSecond, int frames, int expected)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var result = cropper.Crop(Drawn.WriteTalking(scratch["clip.mp4"], frames, framesPerSecond: framesPerSecond), MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal((expected, 25.0, frames, framesPerSecond), (result.Clip.Length, result.Clip.FramesPerSecond, result.SourceFrames, Math.Round(result.SourceFramesPerSecond, 3)));
    }

    [Fact]
    public void How_far_it_is_and_where_the_time_went_is_told()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var told = new List<double>();
        var result = cropper.Crop(Drawn.WriteTalking(scratch["clip.mp4"], 20), MouthCropper.DefaultSettings, progress: told.Add, cancellationToken: Cancellation);
        Assert.Equal(Enumerable.Range(1, 20).Select(t => t / 20.0), told, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.All([result.Times.Decode, result.Times.Track, result.Times.Crop], time => Assert.InRange(time, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void A_variable_rate_is_followed_by_timestamps()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var clip = Drawn.WriteTalking(scratch["clip.mp4"], 60);
        Mp4.SetDurations(clip, (40, 0.5), (20, 2));
        var result = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal(60, result.SourceFrames);
        Assert.Equal(60, result.Clip.Length);
        Assert.Equal(0.2, result.Faces.Single(f => f.Frame == 10).Seconds, 3);
        Assert.Equal(0.8, result.Faces.Single(f => f.Frame == 40).Seconds, 3);
        Assert.Equal(1.6, result.Faces.Single(f => f.Frame == 50).Seconds, 3);
    }

    [Fact]
    public void A_folder_of_numbered_pictures_is_read_in_the_order_of_its_numbers_at_the_rate_that_is_given()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        using var renderer = new SyntheticFaceRenderer();
        using var picture = new Mat(240, 320, MatType.CV_8UC3);
        var gaps = new List<double>();
        for (var t = 0; t < 12; t++)
        {
            gaps.Add(renderer.Draw(Drawn.Speakers[0], new() { Opening = t / 12.0, Jaw = t / 12.0 }, picture).LipGap);
            picture.ImWrite(scratch[$"take2_frame{t}.png"]);
        }

        File.WriteAllText(scratch["notes.txt"], "not a picture");
        var result = cropper.Crop(scratch.Path, MouthCropper.DefaultSettings, picturesPerSecond: 12.5, cancellationToken: Cancellation);
        Assert.Equal((12, 24, 12.5), (result.SourceFrames, result.Clip.Length, result.SourceFramesPerSecond));
        // 10 and 11 come after 9, not after 1.
        Assert.True(result.Faces[^1].LipGap > result.Faces[6].LipGap + 2 && result.Faces[6].LipGap > result.Faces[1].LipGap + 2);
    }

    [Fact]
    public void A_face_that_is_covered_for_a_moment_is_interpolated_and_found_again()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        using var renderer = new SyntheticFaceRenderer();
        var clip = scratch["covered.mp4"];
        Drawn.WriteVideo(clip, 50, 320, 240, 25, (t, picture) =>
        {
            renderer.Draw(Drawn.Speakers[0], new() { Opening = 0.3 }, picture);
            if (t is >= 20 and < 26) picture.SetTo(new Scalar(60, 80, 70));
        });
        var result = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal(44, result.TrackedFrames);
        Assert.All(Enumerable.Range(20, 6), t => Assert.Equal(FrameSource.Interpolated, result.Clip.Quality[t].Source));
        Assert.Contains(result.Notes, n => n.Contains("6 of 50 frames are interpolated", StringComparison.Ordinal));
    }

    [Fact]
    public void A_4K_recording_is_scaled_down_and_tracked()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        using var renderer = new SyntheticFaceRenderer();
        using var small = new Mat(540, 960, MatType.CV_8UC3);
        var clip = scratch["4k.avi"];
        Drawn.WriteVideo(clip, 8, 3840, 2160, 25, (_, picture) =>
        {
            renderer.Draw(Drawn.Speakers[0], new() { Opening = 0.3 }, small);
            Cv2.Resize(small, picture, picture.Size());
        });
        var result = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal(8, result.TrackedFrames);
        Assert.InRange(result.Faces[0].FaceWidth, 800, 1200);
    }

    [Fact]
    public void Pictures_of_mouths_keep_their_aspect_ratio()
    {
        using var scratch = new TemporaryFolder();
        var clip = scratch["mouths.avi"];
        Drawn.WriteVideo(clip, 10, 200, 100, 25, (t, picture) =>
        {
            picture.SetTo(Scalar.All(200));
            Cv2.Circle(picture, new Point(100, 50), 30, Scalar.All(20), -1);
        });
        var result = MouthCropImporter.Import(clip, MouthCropImporter.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal((10, 96, 96, ""), (result.Clip.Length, result.Clip.Height, result.Clip.Width, result.Clip.Settings.LandmarkModels));
        int Dark(Func<int, int> index) => Enumerable.Range(0, 96).Count(i => result.Clip.Frames_THW[index(i)] < 100);
        int across = Dark(x => 48 * 96 + x), down = Dark(y => y * 96 + 48);
        Assert.InRange(across, 27, 31);
        Assert.InRange(down, across - 1, across + 1);
    }

    [Fact]
    public void The_preview_marks_frames_that_were_not_tracked()
    {
        FrameQuality[] quality = [new(FrameSource.Tracked, 1), new(FrameSource.Interpolated, 0), new(FrameSource.Missing, 0)];
        var clip = new MouthClip(Enumerable.Repeat((byte)100, 3 * 32 * 32).ToArray(), 32, 32, 25, quality, new());
        using var sheet = Cv2.ImDecode(MouthClipPreview.ToPng(clip, columns: 2), ImreadModes.Color);
        Assert.Equal((2 * 38 + 2, 2 * 38 + 2), (sheet.Width, sheet.Height));
        var red = sheet.At<Vec3b>(40 + 1, 2 + 1);
        var amber = sheet.At<Vec3b>(2 + 1, 40 + 1);
        Assert.True(red is { Item2: > 200, Item1: < 100 } && amber is { Item2: > 200, Item1: > 120 });
        Assert.Equal(100, sheet.At<Vec3b>(20, 20).Item0);
    }

    [Fact]
    public void Settings_of_other_landmark_models_are_refused()
    {
        using var cropper = new MouthCropper();
        var refusal = Assert.Throws<UnusableClipException>(() => cropper.Crop("any.mp4", new CropSettings { LandmarkModels = "another" }));
        Assert.Equal(UnusableReason.WrongSettings, refusal.Reason);
    }
}
