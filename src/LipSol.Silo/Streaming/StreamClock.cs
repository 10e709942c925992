using System.Globalization;

namespace LipSol.Silo.Streaming;

/// <summary>The times of a stream's frames, and which of them are worth cropping: of a camera much faster than the model, some are left out.</summary>
internal sealed class StreamClock(double framesPerSecond, double cropsPerSecond)
{
    /// <summary>Frames nearer to each other than this share of a crop's time tell nothing more.</summary>
    private const double Nearest = 0.7;

    /// <summary>Twelve days: a crop's number stays far from what an int holds.</summary>
    private const double Latest = 1e6;

    private long frames;
    private double newest = double.NegativeInfinity;
    private double taken = double.NegativeInfinity;

    /// <summary>Frames so far.</summary>
    public long Frames => frames;

    /// <summary>The time of the newest frame; 0 before the first.</summary>
    public double Time => double.IsFinite(newest) ? newest : 0;

    /// <summary>The next frame's time; null where the frame isn't needed.</summary>
    /// <param name="stamp">Its time where the caller gives it; else it's counted.</param>
    /// <exception cref="StreamEnding">The caller's times make no sense.</exception>
    public double? Next(double? stamp = null)
    {
        var time = stamp ?? frames / framesPerSecond;
        if (!(time >= 0 && time <= Latest)) throw new StreamEnding("bad-time", string.Create(CultureInfo.InvariantCulture, $"A frame's time is {time}. Times are seconds from 0 to {Latest}."));
        if (time <= newest) throw new StreamEnding("bad-time", string.Create(CultureInfo.InvariantCulture, $"A frame's time is {time}, the one before was {newest}. Times increase."));
        frames++;
        newest = time;
        if ((time - taken) * cropsPerSecond < Nearest) return null;
        return taken = time;
    }
}
