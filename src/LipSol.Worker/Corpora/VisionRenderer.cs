using System.Collections.Concurrent;
using LipSol.Corpus.Synthetic;
using LipSol.Vision;

namespace LipSol.Worker.Corpora;

/// <summary>Draws the takes of a synthetic corpus as real video files.</summary>
internal sealed class VisionRenderer(LipCornerLedger ledger) : ISyntheticRenderer, IDisposable
{
    private const int Width = 320;
    private const int Height = 240;
    private readonly ConcurrentBag<SyntheticFaceRenderer> idle = [];

    public string Extension => ".mp4";

    // Raise the number whenever LipSol.Vision draws other pixels for the same frame.
    public string Fingerprint => $"mp4v {Width}x{Height} drawing 4";

    public void Render(SyntheticTake take, string path)
    {
        if (!idle.TryTake(out var renderer)) renderer = new SyntheticFaceRenderer();
        try
        {
            ledger.Drawn(path, SyntheticVideo.Write(renderer, path, take.Speaker.Face, take.Frames, take.FramesPerSecond, Width, Height, take.Seed));
        }
        finally
        {
            idle.Add(renderer);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var renderer)) renderer.Dispose();
    }
}
