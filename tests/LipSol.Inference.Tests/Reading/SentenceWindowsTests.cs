namespace LipSol.Inference.Tests.Reading;

public sealed class SentenceWindowsTests
{
    [Theory]
    [InlineData(1, 75)]
    [InlineData(75, 75)]
    [InlineData(76, 75)]
    [InlineData(125, 75)]
    [InlineData(126, 75)]
    [InlineData(1000, 75)]
    [InlineData(7, 2)]
    [InlineData(5, 1)]
    public void Windows_are_no_longer_than_training_saw_and_every_frame_is_taken_once_and_in_order(int frames, int longest)
    {
        var windows = SentenceWindows.Of(frames, longest);
        Assert.Equal(Enumerable.Range(0, frames), windows.SelectMany(w => Enumerable.Range(w.KeepFrom, w.KeepTo - w.KeepFrom)));
        foreach (var w in windows)
        {
            Assert.InRange(w.Length, 1, longest);
            Assert.True(w.Start <= w.KeepFrom && w.KeepTo <= w.Start + w.Length && w.Start >= 0 && w.Start + w.Length <= frames, $"{w}");
        }
    }

    [Fact]
    public void No_frame_within_a_long_clip_is_read_at_a_windows_edge()
    {
        foreach (var w in SentenceWindows.Of(400, 75))
        {
            if (w.Start > 0) Assert.True(w.KeepFrom - w.Start >= 12, $"{w}");
            if (w.Start + w.Length < 400) Assert.True(w.Start + w.Length - w.KeepTo >= 12, $"{w}");
        }
    }
}
