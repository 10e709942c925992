using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;

namespace LipSol.Models.Samples;

/// <summary>A corpus' words with their clips in memory.</summary>
internal static class WordExamples
{
    /// <summary>The words of one split.</summary>
    /// <inheritdoc cref="PooledClips.Load" path="/param"/>
    /// <inheritdoc cref="PooledClips.Load" path="/exception"/>
    public static IReadOnlyList<WordExample> Load(CorpusManifest manifest, Split split, Func<string, Stream> openMouthClip, int resize, bool frozen, Action<double>? progress = null)
    {
        var samples = WordSamples.From(manifest, split).Samples;
        var clips = PooledClips.Load(manifest.Name, samples.Select(s => s.MouthClip), openMouthClip, resize, frozen, progress);
        return [.. samples.Select(s =>
        {
            var clip = clips[s.MouthClip];
            var isWhole = s.Clip.Words.Count == 0 && !s.EstimatedTimes;
            return new WordExample(s.Id, s.Speaker, s.Word, clip, isWhole ? null : WordSpan.FromSeconds(s.Start, s.End, clip.FramesPerSecond), s.Seen, s.EstimatedTimes);
        })];
    }
}
