using LipSol.Clips;
using LipSol.Inference.Tests.Networks;

namespace LipSol.Inference.Tests.Reading;

public sealed class ReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly LoadedModel model;

    public ReadingTests() => model = LoadedModel.Load(BrightnessModel.Write(folder.Path), new SessionSettings { Device = "cpu", Threads = 1 });

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(0, "کب")]
    [InlineData(127, "ایک")]
    [InlineData(255, "نہیں")]
    public void The_word_with_the_largest_logit_is_read(byte grey, string expected) => Assert.Equal(expected, model.Read(BrightnessModel.Clip(grey)).Text);

    [Fact]
    public void Confidence_is_the_softmax_of_the_logits_over_the_temperature()
    {
        var mean = (160 / 255.0 - 0.5) / 0.25;
        var exponentials = BrightnessModel.Logits(mean).Select(l => Math.Exp(l / 1.5)).ToArray();

        var read = model.Read(BrightnessModel.Clip(160));

        Assert.Equal(exponentials[2] / exponentials.Sum(), read.Confidence, 1e-5);
        Assert.Equal(1, read.Alternatives.Sum(a => a.Confidence), 1e-9);
        Assert.Equal(["نہیں", "ایک", "کب"], read.Alternatives.Select(a => a.Text));
    }

    [Fact]
    public void Words_that_look_the_same_are_named_without_the_word_itself()
    {
        Assert.Equal(["نو"], model.Read(BrightnessModel.Clip(255)).LookAlike);
        Assert.Empty(model.Read(BrightnessModel.Clip(0)).LookAlike);
    }

    [Fact]
    public void The_word_lies_where_it_was_said_to_lie_and_else_in_the_whole_clip()
    {
        var marked = model.Read(BrightnessModel.Clip(0), 0.2, 0.6);
        Assert.Equal((0.2, 0.6), (marked.Words[0].Start, marked.Words[0].End));

        var whole = model.Read(BrightnessModel.Clip(0, frames: 20));
        Assert.Equal((0, 0.8), (whole.Words[0].Start, whole.Words[0].End));
    }

    [Fact]
    public void Reading_together_gives_what_reading_alone_gives()
    {
        byte[] greys = [0, 40, 90, 127, 180, 255];
        var together = model.Read([.. greys.Select(g => model.Prepare(BrightnessModel.Clip(g)))]);
        for (var i = 0; i < greys.Length; i++)
        {
            var alone = model.Read(BrightnessModel.Clip(greys[i]));
            Assert.Equal(alone.Text, together[i].Text);
            Assert.Equal(alone.Confidence, together[i].Confidence, 1e-6);
        }
    }

    [Fact]
    public void A_clip_made_with_other_crop_settings_is_refused_with_the_difference()
    {
        var other = BrightnessModel.Crop with { Extent = 1.5 };
        var refusal = Assert.Throws<UnusableClipException>(() => model.Read(BrightnessModel.Clip(0, settings: other)));
        Assert.Equal(UnusableReason.WrongSettings, refusal.Reason);
        Assert.Contains("extent 1.5 instead of 1.2", refusal.Message);
        Assert.Contains(other.Fingerprint(), refusal.Message);
    }

    [Fact]
    public void A_clip_whose_pixels_belie_its_settings_is_refused()
    {
        var clip = new MouthClip(new byte[20 * 4 * 4], 4, 4, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), 20)], BrightnessModel.Crop);
        var refusal = Assert.Throws<UnusableClipException>(() => model.Read(clip));
        Assert.Equal(UnusableReason.WrongSettings, refusal.Reason);
        Assert.Contains("4×4", refusal.Message);
    }

    [Fact]
    public void A_clip_too_long_to_be_one_word_needs_the_words_times()
    {
        var clip = BrightnessModel.Clip(255, frames: 75);
        var refusal = Assert.Throws<UnusableClipException>(() => model.Read(clip));
        Assert.Equal(UnusableReason.TooLong, refusal.Reason);
        Assert.Contains("start and end", refusal.Message);
        Assert.Equal("نہیں", model.Read(clip, 1.0, 1.4).Text);
    }

    [Fact]
    public void A_clip_of_one_frame_is_refused()
        => Assert.Equal(UnusableReason.TooShort, Assert.Throws<UnusableClipException>(() => model.Read(BrightnessModel.Clip(0, frames: 1))).Reason);

    [Theory]
    [InlineData(0.5, 0.4)]
    [InlineData(-1.0, 0.4)]
    [InlineData(5.0, 6.0)]
    [InlineData(0.1, 99.0)]
    [InlineData(double.NaN, 0.4)]
    [InlineData(0.1, double.PositiveInfinity)]
    [InlineData(0.1, null)]
    [InlineData(null, 0.4)]
    [InlineData(0.10, 0.11)]
    public void Times_that_mark_no_word_in_the_clip_are_refused(double? start, double? end)
        => Assert.Throws<UnusableClipException>(() => model.Read(BrightnessModel.Clip(0), start, end));
}
