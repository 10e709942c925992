namespace LipSol.Clips.Tests;

public sealed class PooledClipTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(48)]
    public void Half_the_size_is_the_mean_of_each_four_pixels_rounded_as_everywhere(int edge)
    {
        var random = new Random(edge);
        var pixels_THW = new byte[3 * 4 * edge * edge];
        random.NextBytes(pixels_THW);
        var clip = new MouthClip(pixels_THW, 2 * edge, 2 * edge, 25, [.. Enumerable.Repeat(new FrameQuality(FrameSource.Tracked, 1), 3)], new CropSettings());

        var pooled = PooledClip.From(clip, edge);

        for (var t = 0; t < 3; t++)
            for (var y = 0; y < edge; y++)
                for (var x = 0; x < edge; x++)
                {
                    var mean = (Pixel(t, 2 * y, 2 * x) + Pixel(t, 2 * y, 2 * x + 1) + Pixel(t, 2 * y + 1, 2 * x) + Pixel(t, 2 * y + 1, 2 * x + 1)) / 4f;
                    Assert.Equal((byte)MathF.Round(mean), pooled.Frame(t)[y * edge + x]);
                }

        int Pixel(int t, int y, int x) => clip.Frame(t)[y * 2 * edge + x];
    }
}
