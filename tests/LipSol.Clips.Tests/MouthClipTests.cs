namespace LipSol.Clips.Tests;

public sealed class MouthClipTests
{
    private static readonly CropSettings Settings = new();

    [Theory]
    [InlineData(10, 4, 4, 1)]
    [InlineData(16, 4, 4, 2)]
    [InlineData(0, 4, 4, 0)]
    [InlineData(16, 0, 4, 1)]
    public void Sizes_that_disagree_are_refused(int bytes, int height, int width, int quality) =>
        Assert.Throws<ArgumentException>(() => new MouthClip(new byte[bytes], height, width, 25, new FrameQuality[quality], Settings));

    [Theory]
    [InlineData(0)]
    [InlineData(-25)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_rate_that_is_none_is_refused(double rate) =>
        Assert.Throws<ArgumentException>(() => new MouthClip(new byte[16], 4, 4, rate, new FrameQuality[1], Settings));

    [Fact]
    public void Interpolated_frames_do_not_count_as_tracked()
    {
        FrameQuality[] quality = [new(FrameSource.Tracked, 1), new(FrameSource.Interpolated, 0), new(FrameSource.Missing, 0), new(FrameSource.Tracked, 0.9f)];
        Assert.Equal(0.5, new MouthClip(new byte[4 * 16], 4, 4, 25, quality, Settings).TrackedShare);
    }

    [Fact]
    public void Every_setting_changes_the_fingerprint()
    {
        CropSettings[] all =
        [
            Settings, Settings with { Size = 88 }, Settings with { FramesPerSecond = 30 }, Settings with { Extent = 1.3 }, Settings with { Smoothing = 0 },
            Settings with { MinimumTrackedShare = 0.5 }, Settings with { LandmarkModels = "x" }, Settings with { Revision = 9 },
        ];
        Assert.Equal(all.Length, all.Select(s => s.Fingerprint()).Distinct().Count());
        Assert.Equal(Settings.Fingerprint(), new CropSettings().Fingerprint());
    }
}
