using System.Collections.Concurrent;
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
        // A clip of several words is never sent without times; a frozen one has no lips that leave their rest.
        var alone = frozen ? [] : samples.Where(s => s.Clip.Words.Count == 1).Select(s => s.MouthClip).ToHashSet(StringComparer.Ordinal);
        var spotted = new ConcurrentDictionary<string, WordSpan?>(StringComparer.Ordinal);
        var clips = PooledClips.Load(manifest.Name, samples.Select(s => s.MouthClip), openMouthClip, resize, frozen, progress,
            look: (hash, clip) => { if (alone.Contains(hash)) spotted[hash] = WordSpotting.Find(clip); });
        return [.. samples.Select(s =>
        {
            var clip = clips[s.MouthClip];
            var isWhole = s.Clip.Words.Count == 0 && !s.EstimatedTimes;
            return new WordExample(s.Id, s.Speaker, s.Word, clip, isWhole ? null : WordSpan.FromSeconds(s.Start, s.End, clip.FramesPerSecond), s.Seen, s.EstimatedTimes)
            {
                Spotted = spotted.GetValueOrDefault(s.MouthClip),
                Recording = s.Clip.ContentHash,
            };
        })];
    }
}
