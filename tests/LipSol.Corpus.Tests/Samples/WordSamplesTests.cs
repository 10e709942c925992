using LipSol.Clips;
using LipSol.Corpus.Import;
using LipSol.Corpus.Samples;

namespace LipSol.Corpus.Tests.Samples;

public sealed class WordSamplesTests
{
    [Fact]
    public void Each_word_of_a_usable_clip_is_a_sample_with_its_times()
    {
        var manifest = Manifest(
            Clip("a", "s1", Split.Train, "ایک دو", ("ایک", 0.2, 0.6), ("دو", 0.6, 1.0)),
            Clip("b", "s1", Split.Train, "ایک دو", ("ایک", 0.4, 0.8), ("دو", 0.8, 1.4)),
            Clip("c", "s2", Split.Test, "تین دو"),
            Clip("d", "s1", Split.Test, "دو"),
            Clip("e", "s1", Split.Test, "دو") with { Refused = "no face", MouthClip = null },
            Clip("f", "s1", Split.Test, "ایک دو تین"));

        var test = WordSamples.From(manifest, Split.Test);

        Assert.Equal(["c#0", "c#1", "d#0", "f#0", "f#1", "f#2"], test.Samples.Select(s => s.Id));
        Assert.Equal(("تین", 0.3, 0.7, false, true), Flat(test.Samples[0]));
        Assert.Equal(("دو", 0.7, 1.2, false, true), Flat(test.Samples[1]));
        Assert.Equal(("دو", 0, 2, true, false), Flat(test.Samples[2]));
        Assert.Equal(("دو", Math.Round(2 / 3.0, 9), Math.Round(4 / 3.0, 9), true, true), Flat(test.Samples[4])); // no training clip of three words: even shares
        Assert.Equal(["ایک", "دو"], WordSamples.Vocabulary(manifest));
        Assert.Equal(4, WordSamples.From(manifest, Split.Train).Samples.Count);

        static (string, double, double, bool, bool) Flat(WordSample s) => (s.Word, Math.Round(s.Start, 9), Math.Round(s.End, 9), s.Seen, s.EstimatedTimes);
    }

    [Fact]
    public void Times_that_a_model_found_are_used_and_said_to_be_estimated()
    {
        var found = Clip("a", "s1", Split.Test, "ایک دو", ("ایک", 0.2, 0.6), ("دو", 0.6, 1.0)) with { WordsFoundBy = "letters version 1, run r" };
        var samples = WordSamples.From(Manifest(Clip("b", "s1", Split.Train, "ایک"), found), Split.Test).Samples;
        Assert.Equal([(0.2, 0.6, true), (0.6, 1.0, true)], samples.Select(s => (s.Start, s.End, s.EstimatedTimes)));
    }

    [Fact]
    public void The_words_of_GRID_are_there_in_the_numbers_that_are_published()
    {
        var draft = GridImporter.Import(RepositoryRoot.Shared("grid"), new ImportOptions { Name = "grid" });
        var manifest = draft.Manifest with { Clips = [.. draft.Manifest.Clips.Select(c => c with { MouthClip = c.ContentHash, Frames = 75, TrackedFrames = 75 })] };
        var test = WordSamples.From(manifest, Split.Test).Samples;
        Assert.Equal(480, test.Count(s => s.Speaker == "s1"));
        Assert.Equal(30, test.Count(s => !s.Seen));
        Assert.All(test.Where(s => !s.Seen), s => Assert.True(s is { EstimatedTimes: true, Start: > 0.3, End: < 2.9 } && s.End > s.Start + 0.04));
        Assert.Equal(51, WordSamples.Vocabulary(manifest).Count);
        Assert.Empty(WordModelCheck.Problems(manifest));
    }

    [Fact]
    public void A_corpus_of_one_word_or_without_a_split_is_refused_for_a_word_model()
    {
        var problems = WordModelCheck.Problems(Manifest(Clip("a", "s1", Split.Train, "ایک"), Clip("b", "s1", Split.Val, "ایک")));
        Assert.Contains(problems, p => p.Message.Contains("one word only", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("no usable clip in test", StringComparison.Ordinal));
        Assert.Equal(2, problems.Count);
        Assert.Throws<CorpusProblemsException>(() => WordModelCheck.Demand(Manifest(Clip("a", "s1", Split.Train, "ایک") with { MouthClip = null })));
    }

    [Fact]
    public void Words_that_training_never_says_hinder_nothing_and_are_remarked_on_with_their_clip()
    {
        var manifest = Manifest(Clip("a", "s1", Split.Train, "ایک دو"), Clip("b", "s1", Split.Val, "دو"), Clip("c", "s2", Split.Test, "تین دو تین"), Clip("d", "s2", Split.Test, "ایک"));
        Assert.Empty(WordModelCheck.Problems(manifest));
        var remark = Assert.Single(WordModelCheck.Remarks(manifest));
        Assert.Equal("c.mp4", remark.File);
        Assert.StartsWith("says 'تین', which no clip in train says", remark.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_whose_times_lie_behind_its_clip_is_named_with_it_for_words_and_for_sentences()
    {
        // 48000 units a second taken for seconds: the clip has 50 frames, two seconds.
        var manifest = Manifest(Clip("a", "s1", Split.Train, "ایک دو", ("ایک", 0.2, 0.6), ("دو", 19200, 33600)), Clip("b", "s1", Split.Val, "دو"), Clip("c", "s1", Split.Test, "ایک", ("ایک", 1.9, 2.3)));
        foreach (var problems in (IReadOnlyList<CorpusProblem>[])[WordModelCheck.Problems(manifest), SentenceModelCheck.Problems(manifest)])
        {
            var problem = Assert.Single(problems);
            Assert.Equal("a.mp4: says 'دو' from 19200 to 33600 s, but lasts 2 s: correct the times (in seconds from the clip's beginning), or leave them out", problem.ToString());
        }
    }

    private static CorpusManifest Manifest(params CorpusClip[] clips) => new()
    {
        Name = "c",
        Kind = CorpusKind.Recorded,
        Language = "ur",
        Origin = new Dictionary<string, string>(),
        Crops = new CropSettings(),
        Clips = clips,
    };

    private static CorpusClip Clip(string id, string speaker, Split split, string text, params (string Word, double Start, double End)[] words) => new()
    {
        Id = id,
        Path = id + ".mp4",
        ContentHash = id.PadLeft(32, '0'),
        Speaker = speaker,
        Split = split,
        Text = text,
        Words = [.. words.Select(w => new WordTime(w.Word, w.Start, w.End))],
        MouthClip = id.PadLeft(32, '1'),
        Frames = 50,
        TrackedFrames = 50,
    };
}
