using System.Diagnostics;
using OpenCvSharp;

namespace LipSol.Vision.Tests;

/// <summary>Files that can't be used end in a refusal with the right reason and words that help; nothing else.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryFolder _scratch = new();
    private readonly MouthCropper _cropper = new();

    public void Dispose()
    {
        _cropper.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_file_that_is_not_there() => Refused(_scratch["nowhere.mp4"], UnusableReason.Missing, "does not exist");

    [Fact]
    public void An_empty_file() => Refused(Write("empty.mp4", []), UnusableReason.Undecodable, "is empty");

    [Fact]
    public void A_text_file_called_a_video() => Refused(Write("text.mp4", "This is not a video.\n"u8.ToArray()), UnusableReason.Undecodable, "not a video");

    [Fact]
    public void Random_bytes_called_a_video()
    {
        var bytes = new byte[50_000];
        new Random(1).NextBytes(bytes);
        Refused(Write("random.mpg", bytes), UnusableReason.Undecodable, "Check that it plays elsewhere|can be decoded");
    }

    [Fact]
    public void A_playlist_that_names_other_files() =>
        Refused(Write("list.mp4", "#EXTM3U\n#EXTINF:10,\n/etc/passwd\n"u8.ToArray()), UnusableReason.Undecodable, "playlist");

    [Fact]
    public void A_video_that_is_cut_off_before_its_index()
    {
        var whole = File.ReadAllBytes(Drawn.WriteTalking(_scratch["whole.mp4"], 20));
        Refused(Write("half.mp4", whole[..(whole.Length / 2)]), UnusableReason.Undecodable, "cut off");
    }

    [Fact]
    public void A_video_that_is_cut_off_in_the_middle_is_used_as_far_as_it_goes()
    {
        var whole = File.ReadAllBytes(Drawn.WriteTalking(_scratch["whole.avi"], 40));
        var result = _cropper.Crop(Write("half.avi", whole[..(whole.Length / 2)]), MouthCropper.DefaultSettings);
        Assert.InRange(result.SourceFrames, 12, 28);
    }

    [Fact]
    public void One_frame() => Refused(Drawn.WriteTalking(_scratch["one.avi"], 1), UnusableReason.TooShort, "1 frame ");

    [Fact]
    public void An_hour()
    {
        // One picture every 100 seconds.
        var clip = Drawn.WriteTalking(_scratch["hour.avi"], 36, framesPerSecond: 0.01);
        var clock = Stopwatch.GetTimestamp();
        Refused(clip, UnusableReason.TooLong, "3600 s long; at most 600 s");
        Assert.True(Stopwatch.GetElapsedTime(clock).TotalSeconds < 5);
    }

    [Fact]
    public void More_frames_than_a_camera_makes_in_the_time()
    {
        // A tenth of a second, says the file.
        var clip = Drawn.WriteTalking(_scratch["fast.avi"], 60, framesPerSecond: 600);
        Refused(clip, UnusableReason.TooLong, "60 frames: at most 24", new() { Seconds = 0.1 });
    }

    [Fact]
    public void More_seconds_than_the_limit() => Refused(Drawn.WriteTalking(_scratch["long.mp4"], 40), UnusableReason.TooLong, "at most 1 s", new() { Seconds = 1 });

    [Fact]
    public void More_pixels_than_the_limit() => Refused(Drawn.WriteTalking(_scratch["large.mp4"], 10), UnusableReason.TooLarge, "320×240", new() { Pixels = 70_000 });

    [Fact]
    public void More_bytes_than_the_limit() => Refused(Drawn.WriteTalking(_scratch["fat.mp4"], 10), UnusableReason.TooLarge, "MiB", new() { Bytes = 1000 });

    [Fact]
    public void More_time_than_the_limit() => Refused(Drawn.WriteTalking(_scratch["slow.mp4"], 30), UnusableReason.TimedOut, "took more than", new() { ProcessingSeconds = 0.001 });

    [Fact]
    public void No_face()
    {
        Drawn.WriteVideo(_scratch["wall.mp4"], 20, 320, 240, 25, (t, picture) => Cv2.Circle(picture, new Point(20 + 10 * t, 100), 30, new Scalar(40, 90, 200), -1));
        Refused(_scratch["wall.mp4"], UnusableReason.NoFace, "No face was found in any of the 20 frames");
    }

    [Fact]
    public void A_face_for_two_of_three_seconds()
    {
        using var renderer = new SyntheticFaceRenderer();
        Drawn.WriteVideo(_scratch["leaves.mp4"], 75, 320, 240, 25, (t, picture) =>
        {
            if (t < 50) renderer.Draw(Drawn.Speakers[0], new() { Opening = 0.3 }, picture);
            else picture.SetTo(new Scalar(60, 80, 70));
        });
        Refused(_scratch["leaves.mp4"], UnusableReason.NoFace, "25 of 75.*from 2.00 s to");
    }

    [Fact]
    public void A_folder_without_pictures() => Refused(_scratch.Path, UnusableReason.Undecodable, "holds no numbered pictures");

    [Fact]
    public void A_folder_with_a_picture_that_is_none()
    {
        Write("0001.png", "no picture"u8.ToArray());
        Refused(_scratch.Path, UnusableReason.Undecodable, "0001.png");
    }

    [Theory]
    [InlineData("میری آواز کی ویڈیو ۱.mp4")]
    [InlineData("take 1 (final) – 50%.mp4")]
    [InlineData("frame_%02d.mp4")]
    [InlineData("concat:a|b.mp4")]
    public void A_name_in_Urdu_or_with_signs_that_mean_something_elsewhere_is_only_a_name(string name) =>
        Assert.Equal(10, _cropper.Crop(Moved(Drawn.WriteTalking(_scratch["plain.mp4"], 10), name), MouthCropper.DefaultSettings).SourceFrames);

    [Fact]
    public void Cancelling_stops_between_frames()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => _cropper.Crop(Drawn.WriteTalking(_scratch["clip.mp4"], 10), MouthCropper.DefaultSettings, cancellationToken: cancellation.Token));
    }

    [Theory]
    [InlineData(".mp4", 40)]
    [InlineData(".avi", 40)]
    public void Damaged_files_are_read_as_far_as_they_go_or_refused(string extension, int files)
    {
        var whole = File.ReadAllBytes(Drawn.WriteTalking(_scratch["whole" + extension], 12));
        var random = new Random(7);
        for (var n = 0; n < files; n++)
        {
            var bytes = whole.ToArray();
            for (var flips = random.Next(1, 40); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (n % 4 == 0) bytes = bytes[..random.Next(1, bytes.Length)];
            try
            {
                _cropper.Crop(Write("damaged" + extension, bytes), MouthCropper.DefaultSettings, new() { Seconds = 20, ProcessingSeconds = 5 });
            }
            catch (UnusableClipException refusal)
            {
                Assert.NotEmpty(refusal.Message);
            }
        }
    }

    private void Refused(string path, UnusableReason reason, string words, CropLimits? limits = null)
    {
        var refusal = Assert.Throws<UnusableClipException>(() => _cropper.Crop(path, MouthCropper.DefaultSettings, limits));
        Assert.Equal(reason, refusal.Reason);
        Assert.Matches(words, refusal.Message);
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_scratch[name], bytes);
        return _scratch[name];
    }

    private string Moved(string path, string name)
    {
        File.Move(path, _scratch[name]);
        return _scratch[name];
    }
}
