using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;

namespace LipSol.Models.Samples;

/// <summary>Brings a corpus' samples into memory, each clip once, pooled to the size the network reads.</summary>
internal static class WordExamples
{
    /// <summary>The samples of one split.</summary>
    /// <param name="manifest">The corpus.</param>
    /// <param name="split">Which split.</param>
    /// <param name="openMouthClip">Opens a mouth clip by its MD5; called by several threads at once.</param>
    /// <param name="resize">Edge to pool to.</param>
    /// <param name="frozen">Freeze every clip to its middle frame, and forget the word's frames.</param>
    /// <param name="progress">Told the share that is loaded.</param>
    /// <exception cref="UnusableClipException">A mouth clip is damaged or missing.</exception>
    public static IReadOnlyList<WordExample> Load(CorpusManifest manifest, Split split, Func<string, Stream> openMouthClip, int resize, bool frozen, Action<double>? progress = null)
    {
        var samples = WordSamples.From(manifest, split).Samples;
        var hashes = samples.Select(s => s.MouthClip).Distinct().ToArray();
        var clips = new Dictionary<string, PooledClip>(hashes.Length, StringComparer.Ordinal);
        try
        {
            Parallel.ForEach(hashes, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, hash =>
            {
                using var stream = openMouthClip(hash);
                var pooled = PooledClip.From(MouthClipFile.Read(stream), resize);
                lock (clips)
                {
                    clips[hash] = frozen ? pooled.Frozen() : pooled;
                    progress?.Invoke((double)clips.Count / hashes.Length);
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UnusableClipException>().FirstOrDefault() is { } unusable)
        {
            throw new UnusableClipException(unusable.Reason, $"A mouth clip of corpus {manifest.Name} can't be read. {unusable.Message} Prepare the corpus again.", e);
        }
        return [.. samples.Select(s =>
        {
            var clip = clips[s.MouthClip];
            var isWhole = s.Clip.Words.Count == 0 && !s.EstimatedTimes;
            return new WordExample(s.Id, s.Speaker, s.Word, clip, isWhole ? null : WordSpan.FromSeconds(s.Start, s.End, clip.FramesPerSecond), s.Seen, s.EstimatedTimes);
        })];
    }

    /// <summary>Mean and standard deviation of pixels / 255.</summary>
    public static (double Mean, double StandardDeviation) Brightness(IEnumerable<WordExample> examples)
    {
        var histogram = new long[256];
        foreach (var clip in examples.Select(e => e.Clip).Distinct(ReferenceEqualityComparer.Instance).Cast<PooledClip>())
            foreach (var pixel in clip.Frames_THW) histogram[pixel]++;
        var count = (double)histogram.Sum();
        var mean = histogram.Select((n, p) => n * (p / 255.0)).Sum() / count;
        var variance = histogram.Select((n, p) => n * (p / 255.0 - mean) * (p / 255.0 - mean)).Sum() / count;
        return (mean, Math.Max(1e-3, Math.Sqrt(variance)));
    }
}
