using System.Globalization;

namespace LipSol.Corpus.Samples;

/// <summary>Words said to be where their clip has ended already: times in another unit, or of another recording.</summary>
internal static class WordTimes
{
    private const double FallbackRate = 25;

    public static IEnumerable<CorpusProblem> Problems(CorpusManifest manifest)
    {
        var rate = manifest.Crops?.FramesPerSecond ?? FallbackRate;
        return from clip in manifest.Clips
               where clip is { MouthClip: not null, Refused: null }
               let seconds = clip.Frames / rate
               let word = clip.Words.FirstOrDefault(w => w.Start >= seconds)
               where word is not null
               select new CorpusProblem(clip.Path, null, string.Create(CultureInfo.InvariantCulture, $"says '{word.Word}' from {word.Start:0.##} to {word.End:0.##} s, but lasts {seconds:0.##} s: correct the times (in seconds from the clip's beginning), or leave them out"));
    }
}
