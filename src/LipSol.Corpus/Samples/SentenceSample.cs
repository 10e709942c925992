namespace LipSol.Corpus.Samples;

/// <summary>One clip to read as text.</summary>
/// <param name="Clip">The clip; its mouth clip is <see cref="CorpusClip.MouthClip"/>, its transcript <see cref="CorpusClip.Text"/>.</param>
/// <param name="Seen">Whether the speaker is in <c>train</c>.</param>
public sealed record SentenceSample(CorpusClip Clip, bool Seen)
{
    /// <summary>The clip's id.</summary>
    public string Id => Clip.Id;

    /// <summary>Who speaks.</summary>
    public string Speaker => Clip.Speaker;

    /// <summary>What is said, normalised.</summary>
    public string Text => Clip.Text;

    /// <summary>MD5 of the mouth clip in the artifact store.</summary>
    public string MouthClip => Clip.MouthClip!;
}
