using LipSol.Clips;
using LipSol.Corpus.Samples;
using LipSol.Language.Decoding;

namespace LipSol.Corpus.Tests.Samples;

public sealed class SentenceSamplesTests
{
    private static readonly CorpusManifest Sound = Manifest(
        Clip("a", "s1", Split.Train, "ایک دو"), Clip("b", "s1", Split.Train, "دو ایک"), Clip("c", "s1", Split.Val, "دو"), Clip("d", "s2", Split.Test, "ایک"), Clip("e", "s1", Split.Test, "دو دو"));

    [Fact]
    public void Each_usable_clip_is_a_sample_with_its_whole_transcript()
    {
        var refused = Clip("f", "s1", Split.Test, "دو") with { Refused = "no face", MouthClip = null };
        var test = SentenceSamples.From(Sound with { Clips = [.. Sound.Clips, refused] }, Split.Test).Samples;
        Assert.Equal([("d", "ایک", false), ("e", "دو دو", true)], test.Select(s => (s.Id, s.Text, s.Seen)));
        Assert.Empty(SentenceModelCheck.Problems(Sound));
    }

    [Fact]
    public void The_alphabet_is_what_training_says()
    {
        var alphabet = SentenceSamples.Alphabet(Sound);
        Assert.All("ایک دو".EnumerateRunes(), r => Assert.True(alphabet.Contains(r)));
        Assert.Equal(7, alphabet.Count); // six letters with the space, and the blank
    }

    [Fact]
    public void Letters_that_training_never_says_are_named_with_their_clip()
    {
        var problem = Assert.Single(SentenceModelCheck.Problems(With(Clip("d", "s2", Split.Test, "تین"))));
        Assert.Equal("d.mp4", problem.File);
        foreach (var part in (string[])["'ت'", "'ن'", "no clip in train"]) Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Letters_that_a_model_does_not_know_are_named_with_their_clip()
    {
        var problems = SentenceModelCheck.Problems(Sound, Alphabet.From(["دو "]));
        Assert.Equal(["a.mp4", "b.mp4", "d.mp4"], problems.Select(p => p.File));
        Assert.All(problems, p => Assert.Contains("not in the model's alphabet", p.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("دو ایک", 6, true)]
    [InlineData("دو ایک", 5, false)]
    [InlineData("ددو", 4, true)] // a blank between equal neighbours
    [InlineData("ددو", 3, false)]
    public void A_transcript_longer_than_its_frames_allow_is_named_with_its_clip(string text, int frames, bool fits)
    {
        var problems = SentenceModelCheck.Problems(With(Clip("d", "s2", Split.Test, text) with { Frames = frames }));
        if (fits) Assert.Empty(problems);
        else Assert.Equal("d.mp4", Assert.Single(problems).File);
    }

    [Fact]
    public void An_empty_transcript_is_named_with_its_clip() =>
        Assert.Contains("empty transcript", Assert.Single(SentenceModelCheck.Problems(With(Clip("d", "s2", Split.Test, "")))).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_clip_or_its_copy_in_two_splits_is_told_once_for_words_and_for_sentences(bool sameRecording, bool sameMouth)
    {
        var train = Sound.Clips[0];
        var copy = Clip("d", "s2", Split.Test, "ایک دو");
        var manifest = With(copy with { ContentHash = sameRecording ? train.ContentHash : copy.ContentHash, MouthClip = sameMouth ? train.MouthClip : copy.MouthClip });
        foreach (var problems in (IReadOnlyList<CorpusProblem>[])[SentenceModelCheck.Problems(manifest), WordModelCheck.Problems(manifest)])
        {
            var problem = Assert.Single(problems);
            Assert.Equal("d.mp4", problem.File);
            Assert.Contains("a.mp4, in train", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_split_without_a_clip_is_told()
    {
        var problems = SentenceModelCheck.Problems(Sound with { Clips = [.. Sound.Clips.Where(c => c.Split != Split.Test)] });
        Assert.Contains("no usable clip in test", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    // The sound corpus with another clip d.
    private static CorpusManifest With(CorpusClip d) => Sound with { Clips = [.. Sound.Clips.Select(c => c.Id == "d" ? d : c)] };

    private static CorpusManifest Manifest(params CorpusClip[] clips) => new()
    {
        Name = "c",
        Kind = CorpusKind.Recorded,
        Language = "ur",
        Origin = new Dictionary<string, string>(),
        Crops = new CropSettings(),
        Clips = clips,
    };

    private static CorpusClip Clip(string id, string speaker, Split split, string text) => new()
    {
        Id = id,
        Path = id + ".mp4",
        ContentHash = id.PadLeft(32, '0'),
        Speaker = speaker,
        Split = split,
        Text = text,
        MouthClip = id.PadLeft(32, '1'),
        Frames = 50,
        TrackedFrames = 50,
    };
}
