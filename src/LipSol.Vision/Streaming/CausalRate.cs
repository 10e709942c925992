using LipSol.Clips;

namespace LipSol.Vision;

/// <summary>A picture of the stream whose crop can be made.</summary>
/// <param name="Seconds">Its time.</param>
/// <param name="Quality">How its pose was obtained.</param>
/// <param name="Crop">Makes the crop, where the output takes something of it.</param>
internal sealed record SettledFrame(double Seconds, FrameQuality Quality, Func<byte[]> Crop)
{
    private byte[]? _pixels;

    public byte[] Pixels => _pixels ??= Crop();
}

/// <summary>Resamples crops to the constant rate as they come: the same frames and shares as <see cref="ConstantRate"/>, each as soon as the frame behind it is there.</summary>
internal sealed class CausalRate(double framesPerSecond)
{
    private readonly List<SettledFrame> _frames = [];
    private int? _next;

    /// <summary>Forgets what came: the next frame begins anew at its own time.</summary>
    public void Restart()
    {
        _frames.Clear();
        _next = null;
    }

    /// <summary>Takes the next frame; the output that it completes.</summary>
    public IReadOnlyList<CausalCrop> Push(SettledFrame frame)
    {
        _frames.Add(frame);
        _next ??= Math.Max(0, (int)Math.Ceiling(frame.Seconds * framesPerSecond - ConstantRate.Near));
        return Until((int)Math.Floor(frame.Seconds * framesPerSecond + ConstantRate.Near));
    }

    /// <summary>The output that the last frame lasts for.</summary>
    public IReadOnlyList<CausalCrop> Finish()
    {
        if (_frames.Count == 0) return [];
        double[] times = [.. _frames.Select(f => f.Seconds)];
        return Until((int)Math.Round((times[^1] + ConstantRate.LastFrameSeconds(times, framesPerSecond)) * framesPerSecond) - 1);
    }

    private List<CausalCrop> Until(int last)
    {
        var crops = new List<CausalCrop>();
        for (; _next <= last; _next++)
        {
            var at = _next.Value / framesPerSecond;
            var next = _frames.FindIndex(f => f.Seconds >= at);
            var (first, second, share) = ConstantRate.At(at, _frames.ConvertAll(f => f.Seconds), next < 0 ? _frames.Count : next, framesPerSecond);
            var pixels = _frames[first].Pixels;
            if (share > 0)
            {
                var blended = new byte[pixels.Length];
                ConstantRate.Blend(pixels, _frames[second].Pixels, share, blended);
                pixels = blended;
            }

            crops.Add(new CausalCrop(_next.Value, pixels, ConstantRate.Worse(_frames[first].Quality, _frames[second].Quality)));
            // The one before is still asked for where the next output lies between it and its successor.
            _frames.RemoveRange(0, Math.Max(0, first - 1));
        }

        return crops;
    }
}
