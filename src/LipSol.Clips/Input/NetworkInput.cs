namespace LipSol.Clips;

/// <summary>A network's input, C × T × H × W, row-major, that is written where it's wanted when it's wanted: the pixels that it's made of take a quarter of its room.</summary>
public abstract class NetworkInput
{
    private NetworkInput(int length) => Length = length;

    /// <summary>Its floats.</summary>
    public int Length { get; }

    /// <summary>A word, or a clip as a whole, as <see cref="ClipInput.Write"/> writes it.</summary>
    /// <param name="clip">The mouth clip.</param>
    /// <param name="spec">What the network reads.</param>
    /// <param name="word">The word to read; null reads the whole clip.</param>
    /// <exception cref="UnusableClipException">Without a word: the clip is longer than <see cref="InputSpec.LongestClip"/>. With one: it lies outside the clip.</exception>
    public static NetworkInput OfWord(MouthClip clip, InputSpec spec, WordSpan? word = null)
    {
        var pooled = Pooled(clip, spec);
        ClipInput.Require(pooled, spec, word);
        return new Word(pooled, spec, word);
    }

    /// <summary>Some frames of a clip, T × H × W: how a sentence is read.</summary>
    /// <param name="clip">The mouth clip.</param>
    /// <param name="spec">What the network reads; its <see cref="InputSpec.Frames"/> isn't looked at.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="end">The frame behind the last.</param>
    public static NetworkInput OfFrames(MouthClip clip, InputSpec spec, int first, int end) => new Frames(Pooled(clip, spec), spec, first, end - first);

    /// <summary>One that is ready.</summary>
    /// <param name="input_CTHW">The floats; they aren't copied.</param>
    public static NetworkInput Of(float[] input_CTHW)
    {
        ArgumentNullException.ThrowIfNull(input_CTHW);
        return new Ready(input_CTHW);
    }

    /// <summary>Writes a stretch of it. Of a word only the whole.</summary>
    /// <param name="from">The first float of the stretch: that of a frame.</param>
    /// <param name="input_CTHW">As many floats as are wanted: whole frames.</param>
    public abstract void Write(int from, Span<float> input_CTHW);

    /// <summary>The whole of it.</summary>
    public float[] ToArray()
    {
        var input_CTHW = GC.AllocateUninitializedArray<float>(Length); // written whole
        Write(0, input_CTHW);
        return input_CTHW;
    }

    private static PooledClip Pooled(MouthClip clip, InputSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return PooledClip.From(clip, spec.Resize);
    }

    private sealed class Word(PooledClip clip, InputSpec spec, WordSpan? word) : NetworkInput(spec.Length)
    {
        public override void Write(int from, Span<float> input_CTHW)
        {
            if (from != 0 || input_CTHW.Length != Length) throw new ArgumentException($"A word's input is written as a whole: {Length} floats.", nameof(input_CTHW));
            ClipInput.Write(clip, spec, word, new ClipView(), input_CTHW);
        }
    }

    private sealed class Frames(PooledClip clip, InputSpec spec, int first, int count) : NetworkInput(count * spec.Size * spec.Size)
    {
        public override void Write(int from, Span<float> input_CTHW)
        {
            var area = spec.Size * spec.Size;
            ClipInput.WriteFrames(clip, spec, [.. Enumerable.Range(first + from / area, input_CTHW.Length / area)], new ClipView(), input_CTHW);
        }
    }

    private sealed class Ready(float[] input_CTHW) : NetworkInput(input_CTHW.Length)
    {
        private readonly float[] ready_CTHW = input_CTHW;

        public override void Write(int from, Span<float> input_CTHW) => ready_CTHW.AsSpan(from, input_CTHW.Length).CopyTo(input_CTHW);
    }
}
