using LipSol.Silo.Serving;

namespace LipSol.Silo.Tests.Serving;

/// <summary>Arrays that are used again.</summary>
public sealed class FrameBuffersTests
{
    [Fact]
    public void An_array_given_back_is_taken_again_by_one_who_wants_just_its_length_and_by_one_only()
    {
        var buffers = new FrameBuffers();
        var array = buffers.Take(100);
        Assert.Equal(100, array.Length);
        buffers.Return(array);
        Assert.NotSame(array, buffers.Take(99));
        Assert.Same(array, buffers.Take(100));
        Assert.NotSame(array, buffers.Take(100));
    }

    [Fact]
    public void Only_the_latest_are_kept_and_none_that_are_large()
    {
        var buffers = new FrameBuffers();
        byte[][] arrays = [.. Enumerable.Range(0, 20).Select(_ => new byte[10])];
        foreach (var array in arrays) buffers.Return(array);
        var taken = Enumerable.Range(0, 20).Select(_ => buffers.Take(10)).ToArray();
        Assert.Equal(arrays[4..].ToHashSet(), taken.Intersect(arrays).ToHashSet());
        var large = new byte[(1 << 20) + 1];
        buffers.Return(large);
        Assert.NotSame(large, buffers.Take(large.Length));
    }
}
