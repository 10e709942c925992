using OpenCvSharp;

namespace LipSol.Vision.Tests;

/// <summary>Crops of a stream, against those of the whole clip.</summary>
public sealed class CausalTests
{
    [Fact]
    public void Crops_of_real_speakers_as_they_come_differ_from_the_whole_clips_by_less_than_two_grey_levels()
    {
        using var whole = new MouthCropper();
        using var causal = new CausalMouthCropper();
        var differences = new List<double>();
        foreach (var path in Grid.Speaker1(4).Concat(Grid.OtherSpeakers()))
        {
            var clip = whole.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken).Clip;
            differences.AddRange(Differences(causal, path, clip));
        }

        Report(differences);
        Assert.True(differences.Average() < 2, $"mean difference {differences.Average():0.00} grey levels");
    }

    [Fact]
    public void Crops_of_drawn_speakers_as_they_come_differ_from_the_whole_clips_by_less_than_two_grey_levels()
    {
        using var scratch = new TemporaryFolder();
        using var whole = new MouthCropper();
        using var causal = new CausalMouthCropper();
        var differences = new List<double>();
        for (var speaker = 0; speaker < Drawn.Speakers.Length; speaker++)
        {
            var path = Drawn.WriteTalking(scratch[$"{speaker}.mp4"], 60, speaker);
            var clip = whole.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken).Clip;
            differences.AddRange(Differences(causal, path, clip));
        }

        Report(differences);
        Assert.True(differences.Average() < 2, $"mean difference {differences.Average():0.00} grey levels");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(23.976)]
    [InlineData(30)]
    [InlineData(60)]
    public void Other_frame_rates_give_the_crops_of_the_whole_clip_at_25_a_second(double framesPerSecond)
    {
        using var scratch = new TemporaryFolder();
        using var whole = new MouthCropper();
        using var causal = new CausalMouthCropper();
        var path = Drawn.WriteTalking(scratch["talking.avi"], (int)(2.4 * framesPerSecond), framesPerSecond: framesPerSecond);
        var clip = whole.Crop(path, MouthCropper.DefaultSettings, cancellationToken: TestContext.Current.CancellationToken).Clip;
        var differences = Differences(causal, path, clip);
        Report(differences);
        Assert.True(differences.Average() < 3, $"mean difference {differences.Average():0.00} grey levels");
    }

    [Fact]
    public void A_crop_comes_two_pictures_behind_its_own()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        causal.Begin(MouthCropper.DefaultSettings);
        var pushed = Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 20)).Select(p => causal.Push(p.Jpeg, p.Seconds).Select(c => c.Number).ToArray()).ToArray();
        for (var t = 0; t < pushed.Length; t++) Assert.Equal(t < CausalMouthCropper.Lag ? [] : [t - CausalMouthCropper.Lag], pushed[t]);
        Assert.Equal([18, 19], causal.Finish().Select(c => c.Number));
    }

    [Fact]
    public void A_face_that_is_lost_is_held_for_a_while_then_missing_then_followed_again()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        using var wall = new Mat(480, 640, MatType.CV_8UC3, Scalar.All(90));
        Cv2.ImEncode(".jpg", wall, out var blank);
        var pictures = Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 90)).Select((p, t) => t is >= 20 and < 50 ? p with { Jpeg = blank } : p).ToList();
        causal.Begin(MouthCropper.DefaultSettings);
        var crops = Crop(causal, pictures);

        Assert.Equal(Enumerable.Range(0, 90), crops.Select(c => c.Number));
        Assert.All(crops[..20], c => Assert.Equal(FrameSource.Tracked, c.Quality.Source));
        Assert.All(crops[20..29], c => Assert.Equal(FrameSource.Interpolated, c.Quality.Source));
        Assert.All(crops[31..50], c => Assert.Equal(FrameSource.Missing, c.Quality.Source));
        Assert.All(crops[55..], c => Assert.Equal(FrameSource.Tracked, c.Quality.Source));
        Assert.Equal(crops[35].Pixels, crops[45].Pixels);
    }

    [Fact]
    public void Nothing_comes_before_the_first_face_and_crops_keep_their_time()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        using var wall = new Mat(480, 640, MatType.CV_8UC3, Scalar.All(90));
        Cv2.ImEncode(".jpg", wall, out var blank);
        causal.Begin(MouthCropper.DefaultSettings);
        for (var t = 0; t < 12; t++) Assert.Empty(causal.Push(blank, t / 25.0));
        Assert.Empty(causal.Finish());
        var pictures = Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 20));
        var crops = Crop(causal, pictures.Select(p => p with { Seconds = 12 / 25.0 + p.Seconds }));
        Assert.Equal(Enumerable.Range(12, 20), crops.Select(c => c.Number));
    }

    [Fact]
    public void After_a_silence_the_stream_begins_anew_at_its_own_time()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        var pictures = Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 20)).ToList();
        causal.Begin(MouthCropper.DefaultSettings);
        var first = pictures.SelectMany(p => causal.Push(p.Jpeg, p.Seconds)).ToList();
        var second = Crop(causal, pictures.Select(p => p with { Seconds = 3600 + p.Seconds }));
        Assert.Equal([.. Enumerable.Range(18, 2), .. Enumerable.Range(90_000, 20)], second.Select(c => c.Number));
        // Times that large are rounded: a pixel may differ by a grey level.
        Assert.True(first[5].Pixels.Zip(second[7].Pixels, (a, b) => Math.Abs(a - b)).Max() <= 2);
    }

    [Fact]
    public void Pictures_may_be_PNG_too()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        causal.Begin(MouthCropper.DefaultSettings);
        var crops = Crop(causal, Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 8), ".png"));
        Assert.Equal(Enumerable.Range(0, 8), crops.Select(c => c.Number));
        Assert.All(crops, c => Assert.Equal(FrameSource.Tracked, c.Quality.Source));
    }

    [Fact]
    public void What_is_no_picture_is_refused_and_the_stream_goes_on()
    {
        using var scratch = new TemporaryFolder();
        using var causal = new CausalMouthCropper();
        causal.Begin(MouthCropper.DefaultSettings);
        var pictures = Pictures(Drawn.WriteTalking(scratch["clip.mp4"], 12)).ToList();
        var noise = new byte[5000];
        new Random(3).NextBytes(noise);
        byte[] png = [0x89, .. "PNG\r\n\x1a\n"u8, .. noise], bitmap = [.. "BM"u8, .. noise];
        var crops = 0;
        foreach (var (seconds, jpeg) in pictures)
        {
            crops += causal.Push(jpeg, seconds).Count;
            foreach (var hostile in new[] { [], noise, [0xFF, 0xD8, 0xFF, .. noise], png, bitmap })
                Assert.Equal(UnusableReason.Undecodable, Assert.Throws<UnusableClipException>(() => causal.Push(hostile, seconds + 0.01)).Reason);
            var large = Assert.Throws<UnusableClipException>(() => causal.Push(jpeg, seconds + 0.01, pixels: 1000));
            Assert.Equal(UnusableReason.TooLarge, large.Reason);
        }

        Assert.Equal(12, crops + causal.Finish().Count);
    }

    private static List<double> Differences(CausalMouthCropper causal, string path, MouthClip clip)
    {
        causal.Begin(MouthCropper.DefaultSettings);
        var crops = new List<CausalCrop>();
        using (var frames = ClipFrames.Open(path, 25, new CropLimits()))
        using (var frame = new Mat())
            while (frames.TryRead(frame, out var seconds))
                crops.AddRange(causal.Push(frame, seconds));
        crops.AddRange(causal.Finish());
        Assert.Equal(Enumerable.Range(0, clip.Length), crops.Select(c => c.Number));
        return crops.ConvertAll(c => Enumerable.Range(0, c.Pixels.Length).Average(i => Math.Abs(c.Pixels[i] - clip.Frame(c.Number)[i])));
    }

    private static List<CausalCrop> Crop(CausalMouthCropper causal, IEnumerable<Picture> pictures)
    {
        var crops = pictures.SelectMany(p => causal.Push(p.Jpeg, p.Seconds)).ToList();
        crops.AddRange(causal.Finish());
        return crops;
    }

    private static IEnumerable<Picture> Pictures(string path, string format = ".jpg")
    {
        using var frames = ClipFrames.Open(path, 25, new CropLimits());
        using var frame = new Mat();
        while (frames.TryRead(frame, out var seconds))
        {
            Cv2.ImEncode(format, frame, out var jpeg);
            yield return new Picture(seconds, jpeg);
        }
    }

    private sealed record Picture(double Seconds, byte[] Jpeg);

    private static void Report(List<double> differences) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"difference in grey levels: mean {differences.Average():0.000}, 95 % below {differences.Order().ElementAt((int)(0.95 * (differences.Count - 1))):0.000}, first second {differences.Take(25).Average():0.000}");
}
