using LipSol.Clips;

namespace LipSol.Models.Samples;

/// <summary>Brings mouth clips into memory, each once, pooled to the size the network reads.</summary>
internal static class PooledClips
{
    /// <summary>The clips by their MD5.</summary>
    /// <param name="corpus">The corpus' name, for refusals.</param>
    /// <param name="hashes">MD5 of the mouth clips.</param>
    /// <param name="openMouthClip">Opens a mouth clip by its MD5; called by several threads at once.</param>
    /// <param name="resize">Edge to pool to.</param>
    /// <param name="frozen">Freeze every clip to its middle frame.</param>
    /// <param name="progress">Told the share that is loaded.</param>
    /// <param name="look">Shown each clip as it was before pooling; by several threads at once.</param>
    /// <exception cref="UnusableClipException">A mouth clip is damaged or missing.</exception>
    public static IReadOnlyDictionary<string, PooledClip> Load(string corpus, IEnumerable<string> hashes, Func<string, Stream> openMouthClip, int resize, bool frozen, Action<double>? progress = null, Action<string, MouthClip>? look = null)
    {
        var wanted = hashes.Distinct().ToArray();
        var clips = new Dictionary<string, PooledClip>(wanted.Length, StringComparer.Ordinal);
        try
        {
            Parallel.ForEach(wanted, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, hash =>
            {
                using var stream = openMouthClip(hash);
                var clip = MouthClipFile.Read(stream);
                look?.Invoke(hash, clip);
                var pooled = PooledClip.From(clip, resize);
                lock (clips)
                {
                    clips[hash] = frozen ? pooled.Frozen() : pooled;
                    progress?.Invoke((double)clips.Count / wanted.Length);
                }
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<UnusableClipException>().FirstOrDefault() is { } unusable)
        {
            throw new UnusableClipException(unusable.Reason, $"A mouth clip of corpus {corpus} can't be read. {unusable.Message} Prepare the corpus again.", e);
        }
        return clips;
    }

    /// <summary>Mean and standard deviation of pixels / 255; a clip that is there several times counts once.</summary>
    public static (double Mean, double StandardDeviation) Brightness(IEnumerable<PooledClip> clips)
    {
        var histogram = new long[256];
        foreach (var clip in clips.Distinct(ReferenceEqualityComparer.Instance).Cast<PooledClip>())
            foreach (var pixel in clip.Frames_THW) histogram[pixel]++;
        var count = (double)histogram.Sum();
        var mean = histogram.Select((n, p) => n * (p / 255.0)).Sum() / count;
        var variance = histogram.Select((n, p) => n * (p / 255.0 - mean) * (p / 255.0 - mean)).Sum() / count;
        return (mean, Math.Max(1e-3, Math.Sqrt(variance)));
    }
}
