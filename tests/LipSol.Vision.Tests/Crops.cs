namespace LipSol.Vision.Tests;

/// <summary>What can be said of a mouth clip's pixels.</summary>
internal static class Crops
{
    /// <summary>Mean absolute difference, in grey levels, of a frame of one clip and of one of another.</summary>
    public static double Difference(MouthClip a, int frameOfA, MouthClip b, int frameOfB, bool bUpsideDown = false)
    {
        var pixels = a.Height * a.Width;
        Assert.Equal(pixels, b.Height * b.Width);
        return Enumerable.Range(0, pixels).Average(i => Math.Abs(a.Frames_THW[frameOfA * pixels + i] - b.Frames_THW[frameOfB * pixels + (bUpsideDown ? pixels - 1 - i : i)]));
    }

    /// <summary>The frame that differs most from the one before it.</summary>
    public static int LargestChange(MouthClip clip) => Enumerable.Range(1, clip.Length - 1).MaxBy(t => Difference(clip, t - 1, clip, t));
}
