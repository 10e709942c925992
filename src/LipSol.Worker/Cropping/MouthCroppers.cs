using System.Collections.Concurrent;
using LipSol.Vision;

namespace LipSol.Worker.Cropping;

/// <summary>Croppers for several threads: each is used by one at a time, and used again.</summary>
internal sealed class MouthCroppers : IDisposable
{
    private readonly ConcurrentBag<MouthCropper> idle = [];

    public T Use<T>(Func<MouthCropper, T> use)
    {
        if (!idle.TryTake(out var cropper)) cropper = new MouthCropper();
        try
        {
            return use(cropper);
        }
        finally
        {
            idle.Add(cropper);
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out var cropper)) cropper.Dispose();
    }
}
