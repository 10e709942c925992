using LipSol.Clips;

namespace LipSol.Silo.Streaming;

/// <summary>The newest crops of a stream, without a hole that matters. Safe for use from two threads.</summary>
/// <param name="settings">How the crops are made.</param>
/// <param name="longest">Crops that are kept.</param>
internal sealed class CropWindow(CropSettings settings, int longest)
{
    /// <summary>Most crops that are missing in a row and made up for by repeating the one before: a camera of 8 frames a second lacks so many, and lips say little more than a sound meanwhile.</summary>
    public const int Bridged = 3;

    private readonly Queue<Crop> crops = new();
    private readonly Lock gate = new();
    private Crop newest;
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

    /// <summary>Takes the next crop. Where no more than <see cref="Bridged"/> lack before it, the last one is repeated for them; after a larger hole those before are let go.</summary>
    public void Add(int number, byte[] pixels, FrameQuality quality)
    {
        lock (gate)
        {
            if (crops.Count > 0)
            {
                if (number < next || number - next > Bridged)
                {
                    crops.Clear();
                    holes++;
                }
                else
                {
                    while (next < number) Keep(next, newest with { Quality = new FrameQuality(FrameSource.Interpolated, 0) });
                }
            }

            Keep(number, new Crop(pixels, quality));
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

    private void Keep(int number, Crop crop)
    {
        crops.Enqueue(newest = crop);
        if (crops.Count > longest) crops.Dequeue();
        next = number + 1;
        Count++;
        if (crop.Quality.Source == FrameSource.Tracked) Tracked++;
    }

    private readonly record struct Crop(byte[] Pixels, FrameQuality Quality);
}
