using LipSol.Clips;
using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Reading;

public sealed class WordSpottingTests
{
    [Theory]
    [InlineData(40, 12, 24)]
    [InlineData(75, 30, 43)]
    [InlineData(36, 3, 14)]
    public void A_word_is_found_where_the_lips_leave_their_rest(int frames, int start, int end)
    {
        var found = WordSpotting.Find(Speaking(frames, start, end))!.Value;
        Assert.InRange(found.Start, start - 1, start + 2);
        Assert.InRange(found.End, end - 2, end + 1);
    }

    [Fact]
    public void A_still_mouth_says_nothing() => Assert.Null(WordSpotting.Find(Speaking(40, 0, 0)));

    [Fact]
    public void Changing_light_is_no_word()
    {
        var clip = Speaking(40, 0, 0);
        for (var t = 0; t < clip.Length; t++)
            for (var i = 0; i < 96 * 96; i++) clip.Frames_THW[t * 96 * 96 + i] = (byte)(clip.Frames_THW[t * 96 * 96 + i] + t / 2);
        Assert.Null(WordSpotting.Find(clip));
    }

    [Fact]
    public void A_long_clip_with_one_word_in_it_is_read_and_says_where()
    {
        using var folder = new TemporaryFolder();
        using var model = LoadedModel.Load(BrightnessModel.Write(folder.Path), new SessionSettings { Device = "cpu", Threads = 1 });
        var read = model.Read(Speaking(75, 30, 43));
        Assert.InRange(read.Words[0].Start, 1.1, 1.3);
        Assert.InRange(read.Words[0].End, 1.6, 1.8);
    }

    [Fact]
    public void A_whole_sentence_is_no_word_and_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var model = LoadedModel.Load(BrightnessModel.Write(folder.Path), new SessionSettings { Device = "cpu", Threads = 1 });
        var refusal = Assert.Throws<UnusableClipException>(() => model.Read(Speaking(100, 5, 95)));
        Assert.Equal(UnusableReason.TooLong, refusal.Reason);
    }

    // A dark mouth that opens and closes between start and end, with sensor noise throughout.
    private static MouthClip Speaking(int frames, int start, int end)
    {
        var random = new Random(1);
        var pixels_THW = new byte[frames * 96 * 96];
        for (var t = 0; t < frames; t++)
        {
            var opening = t >= start && t < end ? 4 + 10 * Math.Abs(Math.Sin((t - start + 0.5) / (end - start) * 2 * Math.PI)) : 2;
            for (var y = 0; y < 96; y++)
                for (var x = 0; x < 96; x++)
                {
                    var inMouth = Math.Pow((x - 48) / 26.0, 2) + Math.Pow((y - 50) / opening, 2) < 1;
                    pixels_THW[(t * 96 + y) * 96 + x] = (byte)((inMouth ? 50 : 150) + random.Next(-5, 6));
                }
        }
        return new MouthClip(pixels_THW, 96, 96, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), frames)], BrightnessModel.Crop);
    }
}
