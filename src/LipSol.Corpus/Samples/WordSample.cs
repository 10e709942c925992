namespace LipSol.Corpus.Samples;

/// <summary>One word to read: a stretch of a mouth clip.</summary>
/// <param name="Id">The clip's id and <c>#n</c>, the word's place in it from 0.</param>
/// <param name="Clip">The clip; its mouth clip is <see cref="CorpusClip.MouthClip"/>.</param>
/// <param name="Word">What is said.</param>
/// <param name="Start">Seconds from the clip's start.</param>
/// <param name="End">Seconds from the clip's start.</param>
/// <param name="Seen">Whether the speaker is in <c>train</c>.</param>
/// <param name="EstimatedTimes">The times are the training clips' mean for this place in the sentence, or a model found them: they aren't the recording's own.</param>
public sealed record WordSample(string Id, CorpusClip Clip, string Word, double Start, double End, bool Seen, bool EstimatedTimes)
{
    /// <summary>Who speaks.</summary>
    public string Speaker => Clip.Speaker;

    /// <summary>MD5 of the mouth clip in the artifact store.</summary>
    public string MouthClip => Clip.MouthClip!;
}
