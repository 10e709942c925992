using LipSol.Clips;
using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>What a network looks at: parts of the clip are covered, and what was read is weighed again (occlusion: Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901).</summary>
/// <remarks>
/// It needs the exported network alone, so it works for every version, imported ones too. What is covered is set to the mean of the training pixels, which is what training blanks frames with.
/// A gradient would need torch and the checkpoint, and says how a reading would change for changes too small to see.
/// </remarks>
public static class OcclusionSaliency
{
    /// <summary>Covers part after part. Takes some hundred passes through the network.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clip">The clip, as it would be read.</param>
    /// <param name="settings">How finely to look.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellationToken">Gives up between two passes.</param>
    public static Saliency Of(LoadedModel model, PreparedClip clip, OcclusionSettings? settings = null, Action<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(clip);
        settings ??= new OcclusionSettings();
        var spec = model.Manifest.Input;
        var input_CTHW = clip.Input.ToArray();
        var shape = new Shape(input_CTHW.Length / (spec.Channels * spec.Size * spec.Size), spec.Size);
        var reading = model.Read([clip])[0];
        var evidence = Evidence(model.Manifest, reading.Text);
        var plain = evidence(model.Logits([input_CTHW])[0]);

        (int From, int To) frames = (0, shape.Frames), picture = (0, shape.Size);
        var window = Math.Max(1, (int)Math.Ceiling(shape.Frames / (double)settings.Windows));
        var patches = Places(shape.Size, Math.Max(1, (int)Math.Round(settings.Patch * shape.Size)), settings.Overlap);
        var squares = patches.SelectMany(_ => patches, (rows, columns) => (Rows: rows, Columns: columns)).ToArray();
        Box[] where = [.. squares.Select(s => new Box(frames, s.Rows, s.Columns))];
        Box[] when = [.. Places(shape.Frames, window, settings.Overlap).Select(w => new Box(w, picture, picture))];
        Box[] both = [.. Places(shape.Frames, window, overlap: 1).SelectMany(w => squares, (w, s) => new Box(w, s.Rows, s.Columns))];
        var falls = Falls(model, input_CTHW, [.. where, .. when, .. both], answer => plain - evidence(answer), settings.Batch, progress, cancellationToken);

        return new Saliency
        {
            Reading = reading,
            Evidence = plain,
            Frames = shape.Frames,
            Size = shape.Size,
            Picture_THW = Picture(input_CTHW, spec, shape),
            Where_HW = Means(where, falls.AsSpan(0, where.Length), shape)[..shape.Area],
            When_T = [.. Means(when, falls.AsSpan(where.Length, when.Length), shape).Where((_, i) => i % shape.Area == 0)],
            Both_THW = Means(both, falls.AsSpan(where.Length + when.Length), shape),
            InWord_T = InWord(input_CTHW, spec, shape),
        };
    }

    private static Func<float[], double> Evidence(ModelManifest manifest, string text)
    {
        if (manifest.Task == ModelTask.Word)
        {
            var word = manifest.Vocabulary.Index().First(w => w.Item == text).Index;
            return logits_V => ReadingEvidence.OfWord(logits_V, word);
        }
        var alphabet = new Alphabet([.. manifest.Vocabulary.Skip(1)]);
        return logits_TV => ReadingEvidence.OfSentence(logits_TV, alphabet, text);
    }

    private static double[] Falls(LoadedModel model, float[] input_CTHW, Box[] boxes, Func<float[], double> fall, int batch, Action<double>? progress, CancellationToken cancellationToken)
    {
        var size = model.Manifest.Input.Size;
        var falls = new double[boxes.Length];
        for (var first = 0; first < boxes.Length; first += batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(batch, boxes.Length - first);
            var covered = new float[count][];
            for (var b = 0; b < count; b++)
            {
                covered[b] = (float[])input_CTHW.Clone();
                // 0 is the mean of the training pixels. The word's marks, channel 1, stay.
                foreach (var (from, length) in boxes[first + b].Lines(size)) covered[b].AsSpan(from, length).Clear();
            }
            var answers = model.Logits(covered);
            for (var b = 0; b < count; b++) falls[first + b] = fall(answers[b]);
            progress?.Invoke((first + count) / (double)boxes.Length);
        }
        return falls;
    }

    /// <summary>Stretches of a length that cover an axis from end to end, evenly spread.</summary>
    private static (int From, int To)[] Places(int axis, int length, int overlap)
    {
        var last = axis - length;
        var count = last == 0 ? 1 : (int)Math.Ceiling(last / Math.Max(1.0, (double)length / overlap)) + 1;
        return [.. Enumerable.Range(0, count).Select(i => count == 1 ? 0 : (int)Math.Round((double)last * i / (count - 1))).Select(from => (from, from + length))];
    }

    /// <summary>Each place's mean over the boxes that cover it, T × H × W.</summary>
    private static float[] Means(Box[] boxes, ReadOnlySpan<double> falls, Shape shape)
    {
        var (sums, counts) = (new double[shape.Frames * shape.Area], new int[shape.Frames * shape.Area]);
        for (var b = 0; b < boxes.Length; b++)
            foreach (var (from, length) in boxes[b].Lines(shape.Size))
                for (var i = from; i < from + length; i++)
                {
                    sums[i] += falls[b];
                    counts[i]++;
                }
        return [.. sums.Select((sum, i) => counts[i] == 0 ? 0 : (float)(sum / counts[i]))];
    }

    private static byte[] Picture(float[] input_CTHW, InputSpec spec, Shape shape)
    {
        var picture_THW = new byte[shape.Frames * shape.Area];
        for (var i = 0; i < picture_THW.Length; i++) picture_THW[i] = (byte)Math.Clamp(Math.Round((input_CTHW[i] * spec.StandardDeviation + spec.Mean) * 255), 0, 255);
        return picture_THW;
    }

    private static bool[] InWord(float[] input_CTHW, InputSpec spec, Shape shape) =>
        [.. Enumerable.Range(0, shape.Frames).Select(t => !spec.MarksWord || input_CTHW[(shape.Frames + t) * shape.Area] > 0.5f)];

    /// <summary>The picture that the network sees.</summary>
    private readonly record struct Shape(int Frames, int Size)
    {
        public int Area => Size * Size;
    }

    /// <summary>What is covered: frames, rows and columns, each from (inclusive) to (exclusive).</summary>
    private readonly record struct Box((int From, int To) Frames, (int From, int To) Rows, (int From, int To) Columns)
    {
        /// <summary>Where its lines begin in channel 0, T × H × W, and how long they are.</summary>
        public IEnumerable<(int From, int Length)> Lines(int size)
        {
            for (var t = Frames.From; t < Frames.To; t++)
                for (var y = Rows.From; y < Rows.To; y++)
                    yield return ((t * size + y) * size + Columns.From, Columns.To - Columns.From);
        }
    }
}
