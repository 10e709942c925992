namespace LipSol.Silo.Serving;

/// <summary>Arrays for clips' frames, which are wanted from unpacking a clip until the network's input is made of it. Taken again at once, they lie in the processor's cache, and most of what a node would allocate under load isn't. Safe for several threads.</summary>
internal sealed class FrameBuffers
{
    private const int Most = 16, LargestKept = 1 << 20;
    private readonly byte[]?[] kept = new byte[]?[Most];
    private int next;

    /// <summary>An array of just this length; what is in it is to be written over.</summary>
    public byte[] Take(int length)
    {
        lock (kept)
        {
            for (var i = 0; i < Most; i++)
            {
                if (kept[i] is not { } found || found.Length != length) continue;
                kept[i] = null;
                return found;
            }
        }
        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Gives one back that nothing refers to any more. The oldest gives way where there are many.</summary>
    public void Return(byte[] frames)
    {
        if (frames.Length > LargestKept) return;
        lock (kept)
        {
            kept[next] = frames;
            next = (next + 1) % Most;
        }
    }
}
