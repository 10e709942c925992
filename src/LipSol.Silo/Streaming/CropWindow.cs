using LipSol.Clips;

namespace LipSol.Silo.Streaming;

/// <summary>The newest crops of a stream, without a hole. Safe for use from two threads.</summary>
/// <param name="settings">How the crops are made.</param>
/// <param name="longest">Crops that are kept.</param>
internal sealed class CropWindow(CropSettings settings, int longest)
{
    private readonly Queue<Crop> crops = new();
    private readonly Lock gate = new();
    private int next;
    private int holes;

    /// <summary>How the crops are made.</summary>
    public CropSettings Settings => settings;

    /// <summary>The number behind the newest crop's.</summary>
    public int Next
    {
        get { lock (gate) return next; }
    }

    /// <summary>Crops in all.</summary>
    public long Count { get; private set; }

    /// <summary>Of those, really tracked.</summary>
    public long Tracked { get; private set; }

    /// <summary>Holes so far: what lies before one says nothing about what lies behind it.</summary>
    public int Holes
    {
        get { lock (gate) return holes; }
    }

    /// <summary>Takes the next crop; after a hole those before are let go.</summary>
    public void Add(int number, byte[] pixels, FrameQuality quality)
    {
        lock (gate)
        {
            if (crops.Count > 0 && number != next)
            {
                crops.Clear();
                holes++;
            }

            crops.Enqueue(new Crop(pixels, quality));
            if (crops.Count > longest) crops.Dequeue();
            next = number + 1;
            Count++;
            if (quality.Source == FrameSource.Tracked) Tracked++;
        }
    }

    /// <summary>The crops from a number on, or from the oldest that is kept.</summary>
    /// <returns>The clip and its first crop's number; null where there is none.</returns>
    public (MouthClip Clip, int First)? From(int number)
    {
        Crop[] taken;
        int first;
        lock (gate)
        {
            first = Math.Max(number, next - crops.Count);
            if (first >= next) return null;
            taken = [.. crops.Skip(crops.Count - (next - first))];
        }

        var pixels = settings.Size * settings.Size;
        var frames_THW = new byte[taken.Length * pixels];
        for (var t = 0; t < taken.Length; t++) taken[t].Pixels.CopyTo(frames_THW, t * pixels);
        return (new MouthClip(frames_THW, settings.Size, settings.Size, settings.FramesPerSecond, [.. taken.Select(c => c.Quality)], settings), first);
    }

    private readonly record struct Crop(byte[] Pixels, FrameQuality Quality);
}
