using LipSol.Corpus.Samples;

namespace LipSol.Corpus.Tests.Samples;

public sealed class TrainingSelectionTests
{
    [Fact]
    public void A_larger_subset_holds_the_smaller_one_and_another_seed_is_another_subset()
    {
        var corpus = Words();
        var before = new HashSet<string>();
        foreach (var clips in new[] { 1, 5, 6, 13, 24, 36 })
        {
            var now = Train(new TrainingSelection { Clips = clips, Seed = 7 }.ForTraining(corpus));
            Assert.Equal(clips, now.Count);
            Assert.Superset(before, now);
            before = now;
        }
        Assert.NotEqual(Train(new TrainingSelection { Clips = 13, Seed = 7 }.ForTraining(corpus)), Train(new TrainingSelection { Clips = 13, Seed = 8 }.ForTraining(corpus)));
    }

    [Fact]
    public void A_clip_that_is_recorded_later_changes_nothing_about_the_order_of_the_others()
    {
        var corpus = Words();
        var fewer = corpus with { Clips = [.. corpus.Clips.Where(c => c.Id != "a/Train/w0/0")] };
        var (with, without) = (Train(new TrainingSelection { Speakers = 2 }.ForTraining(corpus)), Train(new TrainingSelection { Speakers = 2 }.ForTraining(fewer)));
        Assert.Equal(with.Where(id => id != "a/Train/w0/0").Order(), without.Order());
    }

    [Fact]
    public void Each_text_comes_once_before_any_comes_twice_and_speakers_take_turns()
    {
        var corpus = Words();
        for (var seed = 1; seed < 6; seed++)
        {
            // Four texts, three speakers, three takes.
            for (var clips = 1; clips <= 36; clips++)
            {
                var texts = Clips(new TrainingSelection { Clips = clips, Seed = seed }.ForTraining(corpus)).GroupBy(c => c.Text).Select(g => g.Count()).ToArray();
                Assert.True(texts.Max() - (texts.Length < 4 ? 0 : texts.Min()) <= 1);
            }
            var sentences = corpus with { Clips = [.. corpus.Clips.Select(c => c with { Text = c.Id })] };
            for (var clips = 3; clips <= 36; clips++)
            {
                var speakers = Clips(new TrainingSelection { Clips = clips, Seed = seed }.ForTraining(sentences)).GroupBy(c => c.Speaker).Select(g => g.Count()).ToArray();
                Assert.True(speakers.Length == 3 && speakers.Max() - speakers.Min() <= 1);
            }
        }
    }

    [Fact]
    public void Speakers_are_nested_too_and_those_left_out_are_unseen_in_test_and_gone_from_val()
    {
        var corpus = Words();
        var before = new HashSet<string>();
        for (var n = 1; n <= 3; n++)
        {
            var selected = new TrainingSelection { Speakers = n, Seed = 3 }.ForTraining(corpus);
            var speakers = Clips(selected).Select(c => c.Speaker).ToHashSet();
            Assert.Equal(n, speakers.Count);
            Assert.Superset(before, speakers);
            before = speakers;
            Assert.Equal(speakers, Clips(selected, Split.Val).Select(c => c.Speaker).ToHashSet());
            Assert.Equal(16, Clips(selected, Split.Test).Length);
            Assert.All(WordSamples.From(selected, Split.Test).Samples, s => Assert.Equal(speakers.Contains(s.Speaker), s.Seen));
        }
    }

    [Fact]
    public void A_speaker_held_out_is_in_neither_train_nor_val_and_tested_on_the_test_clips()
    {
        var corpus = Words();
        var selected = new TrainingSelection { HeldOut = "b" }.ForTraining(corpus);
        Assert.Equal(["a", "c"], Clips(selected).Select(c => c.Speaker).Distinct().Order());
        Assert.Equal(["a", "c"], Clips(selected, Split.Val).Select(c => c.Speaker).Distinct().Order());
        Assert.Equal(Clips(corpus, Split.Test), Clips(selected, Split.Test));
        Assert.All(WordSamples.From(selected, Split.Test).Samples.Where(s => s.Speaker == "b"), s => Assert.False(s.Seen));
    }

    [Fact]
    public void A_speaker_without_test_clips_is_tested_on_all_of_his()
    {
        var corpus = Words();
        var bySpeaker = corpus with { Clips = [.. corpus.Clips.Where(c => c.Split != Split.Test || c.Speaker == "d")] };
        var selected = new TrainingSelection { HeldOut = "b" }.ForTraining(bySpeaker);
        Assert.Equal(4 * 3 + 4, Clips(selected, Split.Test).Count(c => c.Speaker == "b"));
        // Whoever measures a model later measures every model on the same clips.
        Assert.Equal(Clips(bySpeaker, Split.Test), Clips(new TrainingSelection { HeldOut = "b" }.ForReading(bySpeaker), Split.Test));
    }

    [Fact]
    public void Val_of_other_speakers_than_trains_stays()
    {
        var corpus = Words();
        var strangers = corpus with { Clips = [.. corpus.Clips.Where(c => c.Split != Split.Val), .. corpus.Clips.Where(c => c.Split == Split.Val && c.Speaker == "a").Select(c => c with { Id = "v" + c.Id, Speaker = "v" })] };
        Assert.Equal(4, Clips(new TrainingSelection { Speakers = 1 }.ForTraining(strangers), Split.Val).Length);
    }

    [Fact]
    public void Without_a_selection_the_corpus_is_as_it_was()
    {
        var corpus = Words();
        Assert.Same(corpus, TrainingSelection.From(new Dictionary<string, string>()).ForTraining(corpus));
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        var corpus = Words();
        Assert.Contains("a, b, c", Refusal(new TrainingSelection { HeldOut = "d" }));
        Assert.Contains("3 speakers", Refusal(new TrainingSelection { Speakers = 4 }));
        Assert.Contains("2 speakers", Refusal(new TrainingSelection { Speakers = 3, HeldOut = "a" }));
        Assert.Contains("36 clips", Refusal(new TrainingSelection { Clips = 37 }));
        Assert.Contains("12 clips", Refusal(new TrainingSelection { Clips = 13, Speakers = 1 }));
        Assert.Equal(36, Clips(new TrainingSelection { Clips = 1000 }.ForReading(corpus)).Length);

        string Refusal(TrainingSelection selection) => Assert.Throws<CorpusProblemsException>(() => selection.ForTraining(corpus)).Message;
    }

    [Fact]
    public void It_is_read_from_a_runs_parameters()
    {
        var selection = TrainingSelection.From(new Dictionary<string, string> { ["train_clips"] = "5", ["train_speakers"] = "2", ["hold_out_speaker"] = "رضا", ["selection_seed"] = "9", ["epochs"] = "3" });
        Assert.Equal(new TrainingSelection { Clips = 5, Speakers = 2, HeldOut = "رضا", Seed = 9 }, selection);
    }

    private static HashSet<string> Train(CorpusManifest corpus) => [.. Clips(corpus).Select(c => c.Id)];

    private static CorpusClip[] Clips(CorpusManifest corpus, Split split = Split.Train) => [.. corpus.Clips.Where(c => c.Split == split && c.Refused is null)];

    /// <summary>Four words; speakers a, b and c with three takes to train on, one to choose by and one to test, and d who is in test alone; one clip refused.</summary>
    private static CorpusManifest Words()
    {
        var clips = new List<CorpusClip>();
        foreach (var (speaker, split, takes) in from s in new[] { "a", "b", "c" } from x in new[] { (Split.Train, 3), (Split.Val, 1), (Split.Test, 1) } select (s, x.Item1, x.Item2))
            for (var word = 0; word < 4; word++)
                for (var take = 0; take < takes; take++) clips.Add(Clip(speaker, split, word, take));
        for (var word = 0; word < 4; word++) clips.Add(Clip("d", Split.Test, word, 0));
        clips.Add(Clip("a", Split.Train, 0, 9) with { Refused = "No face.", MouthClip = null });
        return new CorpusManifest { Name = "words", Kind = CorpusKind.Recorded, Language = "ur", Origin = new Dictionary<string, string>(), Clips = [.. clips.OrderBy(c => c.Id, StringComparer.Ordinal)] };
    }

    private static CorpusClip Clip(string speaker, Split split, int word, int take) => new()
    {
        Id = $"{speaker}/{split}/w{word}/{take}",
        Path = $"{speaker}/{split}/w{word}/{take}.mp4",
        ContentHash = "0",
        Speaker = speaker,
        Split = split,
        Text = $"w{word}",
        MouthClip = "0123456789abcdef0123456789abcdef",
        Frames = 20,
    };
}
