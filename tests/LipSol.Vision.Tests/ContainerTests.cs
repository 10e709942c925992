namespace LipSol.Vision.Tests;

/// <summary>Whatever container, codec and rate a recording comes in, its frames lie where its timestamps say.</summary>
public sealed class ContainerTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(".mp4", 30000.0 / 1001)]
    [InlineData(".mkv", 50)]
    [InlineData(".mkv", 30000.0 / 1001)]
    [InlineData(".webm", 30000.0 / 1001)]
    [InlineData(".webm", 60)]
    [InlineData(".avi", 15)]
    [InlineData(".avi", 50)]
    [InlineData(".mov", 60)]
    [InlineData(".mov", 15)]
    public void A_mouth_opens_in_the_crop_when_it_opens_in_the_recording(string extension, double framesPerSecond)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var clip = scratch["clip" + extension];
        if (extension != ".webm") Drawn.WriteOpening(clip, opensAt: 1, seconds: 2, framesPerSecond);
        else Ffmpeg.Run(["-i", Drawn.WriteOpening(scratch["source.avi"], opensAt: 1, seconds: 2, framesPerSecond), "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "1M", clip]);
        var result = cropper.Crop(clip, MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        var frames = (int)Math.Round(2 * framesPerSecond);
        Assert.Equal((frames, frames, 50), (result.SourceFrames, result.TrackedFrames, result.Clip.Length));
        Assert.Equal(framesPerSecond, result.SourceFramesPerSecond, 1);
        // Matroska counts in milliseconds.
        Assert.All(result.Faces, f => Assert.InRange(f.Seconds - f.Frame / framesPerSecond, -0.0011, 0.0011));
        Assert.InRange(Crops.LargestChange(result.Clip), 24, 25);
    }

    [Theory]
    [InlineData(".mp4", "libx264", "-bf", "3")]
    [InlineData(".mov", "libx264", "-bf", "3")]
    [InlineData(".mkv", "libx264", "-bf", "3")]
    [InlineData(".ts", "libx264", "-bf", "3")]
    [InlineData(".webm", "libvpx", "-deadline", "realtime")]
    public void A_rate_that_changes_is_followed_by_timestamps(string extension, string codec, params string[] more)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var even = Drawn.WriteOpening(scratch["even.avi"], opensAt: 2, seconds: 3, framesPerSecond: 25);
        // A second at 25 frames a second, then every third frame, as phones do in the dark: frame 50 is at 2 s whatever its number.
        Ffmpeg.Run(["-i", even, "-vf", "select='lt(n,25)+eq(mod(n,5),0)'", "-vsync", "vfr", "-c:v", codec, .. more, scratch["varies" + extension]]);
        var result = cropper.Crop(scratch["varies" + extension], MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal(25 + 10, result.SourceFrames);
        Assert.InRange(result.Clip.Length, 71, 75); // how long the last frame lasts isn't always known
        Assert.Equal(1.0, result.Faces.Single(f => f.Frame == 25).Seconds, 2);
        Assert.Equal(2.0, result.Faces.Single(f => f.Frame == 30).Seconds, 2);
        // Between the frames at 1.8 and 2 s the mouth opens little by little.
        Assert.InRange(Crops.LargestChange(result.Clip), 46, 50);
        Assert.True(Crops.Difference(result.Clip, 50, result.Clip, 70) < Crops.Difference(result.Clip, 44, result.Clip, 50) / 3, "it isn't open at 2 s");
    }

    [Theory]
    [InlineData(".mp4", "mpeg4", "-bf", "2")]
    [InlineData(".avi", "mpeg4", "-bf", "2")] // frames without times of their own, in another order than they are shown
    [InlineData(".mpg", "mpeg2video", "-bf", "2")]
    [InlineData(".mov", "prores_ks")]
    [InlineData(".3gp", "h263", "-s", "352x288")]
    [InlineData(".wmv", "wmv2")]
    [InlineData(".flv", "flv1")]
    [InlineData(".mkv", "libx265", "-x265-params", "log-level=error")]
    [InlineData(".mp4", "libx264", "-pix_fmt", "yuv444p10le")]
    [InlineData(".mkv", "ffv1")]
    public void Any_codec_is_read(string extension, string codec, params string[] more)
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var plain = Drawn.WriteOpening(scratch["plain.avi"], opensAt: 0.6, seconds: 1.2, framesPerSecond: 25);
        Ffmpeg.Run(["-i", plain, "-c:v", codec, "-q:v", "3", .. more, scratch["coded" + extension]]);
        var result = cropper.Crop(scratch["coded" + extension], MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.InRange(result.SourceFrames, 29, 30); // some codecs can't be asked for the very last
        Assert.Equal(result.SourceFrames, result.TrackedFrames);
        Assert.All(result.Faces, f => Assert.InRange(f.Seconds - f.Frame / 25.0, -0.011, 0.011));
        Assert.InRange(Crops.LargestChange(result.Clip), 14, 16);
    }

    [Fact]
    public void Sound_that_begins_before_the_picture_moves_nothing()
    {
        using var scratch = new TemporaryFolder();
        using var cropper = new MouthCropper();
        var silent = Drawn.WriteOpening(scratch["silent.avi"], opensAt: 1, seconds: 2, framesPerSecond: 25);
        Ffmpeg.Run(["-f", "lavfi", "-i", "sine=duration=2", "-itsoffset", "5", "-i", silent, "-map", "0:a", "-map", "1:v", "-c:v", "mpeg4", "-q:v", "3", scratch["late.mkv"]]);
        var result = cropper.Crop(scratch["late.mkv"], MouthCropper.DefaultSettings, cancellationToken: Cancellation);
        Assert.Equal(50, result.Clip.Length);
        Assert.InRange(Crops.LargestChange(result.Clip), 24, 25);
    }
}
