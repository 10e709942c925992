using LipSol.Clips;
using LipSol.Corpus;
using LipSol.Corpus.Samples;

namespace LipSol.Models.Samples;

/// <summary>One clip to learn or to read as text.</summary>
/// <param name="Id">The clip's id.</param>
/// <param name="Speaker">Who speaks.</param>
/// <param name="Text">What is said.</param>
/// <param name="Clip">The clip, pooled to the network's <see cref="InputSpec.Resize"/>.</param>
/// <param name="Words">Where each word is said; empty where that isn't known.</param>
/// <param name="Seen">Whether the speaker is in <c>train</c>.</param>
public sealed record SentenceExample(string Id, string Speaker, string Text, PooledClip Clip, IReadOnlyList<SpokenWord> Words, bool Seen)
{
    /// <summary>MD5 of the recording's bytes; null where there is none.</summary>
    public string? Recording { get; init; }
}

/// <summary>A word and its frames.</summary>
/// <param name="Text">The word.</param>
/// <param name="Span">Where it is.</param>
public readonly record struct SpokenWord(string Text, WordSpan Span);

/// <summary>A corpus' sentences with their clips in memory.</summary>
internal static class SentenceExamples
{
    /// <summary>The sentences of one split.</summary>
    /// <inheritdoc cref="PooledClips.Load" path="/param"/>
    /// <inheritdoc cref="PooledClips.Load" path="/exception"/>
    public static IReadOnlyList<SentenceExample> Load(CorpusManifest manifest, Split split, Func<string, Stream> openMouthClip, int resize, bool frozen, Action<double>? progress = null)
    {
        var samples = SentenceSamples.From(manifest, split).Samples;
        var clips = PooledClips.Load(manifest.Name, samples.Select(s => s.MouthClip), openMouthClip, resize, frozen, progress);
        return [.. samples.Select(s =>
        {
            var clip = clips[s.MouthClip];
            // Times that tell of other words than the transcript are of no use.
            var timed = s.Clip.Words.Count > 0 && string.Join(' ', s.Clip.Words.Select(w => w.Word)) == s.Text;
            return new SentenceExample(s.Id, s.Speaker, s.Text, clip,
                timed ? [.. s.Clip.Words.Select(w => new SpokenWord(w.Word, WordSpan.FromSeconds(w.Start, w.End, clip.FramesPerSecond)))] : [], s.Seen)
            {
                Recording = s.Clip.ContentHash,
            };
        })];
    }
}
