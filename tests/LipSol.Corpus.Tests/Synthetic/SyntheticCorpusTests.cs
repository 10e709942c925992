using LipSol.Artifacts;
using LipSol.Clips;
using LipSol.Corpus.Preparation;
using LipSol.Corpus.Samples;
using LipSol.Corpus.Synthetic;
using LipSol.Vision;

namespace LipSol.Corpus.Tests.Synthetic;

/// <summary>Drawn, written as video, decoded, tracked and cropped for real.</summary>
public sealed class SyntheticCorpusTests : IDisposable
{
    private static readonly SyntheticCorpusOptions Small = new()
    {
        Words = ["آپ", "وہ"],
        SeenSpeakers = 1,
        UnseenSpeakers = 1,
        TrainTakes = 1,
        ValTakes = 1,
        TestTakes = 1,
        UnseenTakes = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_drawn_corpus_is_tracked_cropped_and_ready_for_training()
    {
        var folder = Path.Combine(_folder.Path, "synthetic");
        SyntheticCorpus.Write(Small, folder, new Painter(), 2, cancellationToken: TestContext.Current.CancellationToken);
        var draft = SyntheticCorpus.Import(folder, "synthetic-urdu");
        var catalog = new CorpusCatalog(Path.Combine(_folder.Path, "data"));
        var prepared = await new CorpusPreparation(catalog, new Tracker(), 2).PrepareAsync(draft, null, TestContext.Current.CancellationToken);

        Assert.Equal(CorpusKind.Synthetic, prepared.Manifest.Kind);
        Assert.Equal("1", prepared.Manifest.Origin["seed"]);
        Assert.Equal(8, prepared.Manifest.Clips.Count);
        Assert.All(prepared.Manifest.Clips, c => Assert.Null(c.Refused));
        Assert.True(CorpusStatistics.Of(prepared.Manifest).TrackedShare >= 0.99);
        Assert.Empty(WordModelCheck.Problems(prepared.Manifest));
        var takes = SyntheticScript.Takes(Small).ToDictionary(t => t.Id);
        Assert.All(WordSamples.From(prepared.Manifest, Split.Test).Samples, s =>
        {
            Assert.Equal((takes[s.Clip.Id].Start, takes[s.Clip.Id].End, takes[s.Clip.Id].Frames.Count), (s.Start, s.End, s.Clip.Frames));
            Assert.Equal(s.Speaker == "seen-1", s.Seen);
        });
    }

    [Fact]
    public async Task Drawn_sentences_are_ready_for_training_with_every_words_time()
    {
        var options = Small with { Sentences = true };
        var folder = Path.Combine(_folder.Path, "sentences");
        SyntheticCorpus.Write(options, folder, new Painter(), 2, cancellationToken: TestContext.Current.CancellationToken);
        var catalog = new CorpusCatalog(Path.Combine(_folder.Path, "data"));
        var prepared = await new CorpusPreparation(catalog, new Tracker(), 2).PrepareAsync(SyntheticCorpus.Import(folder, "sentences"), null, TestContext.Current.CancellationToken);

        Assert.Equal(4, prepared.Manifest.Clips.Count);
        Assert.True(CorpusStatistics.Of(prepared.Manifest).TrackedShare >= 0.99);
        var takes = SyntheticScript.Takes(options).ToDictionary(t => t.Id);
        Assert.All(prepared.Manifest.Clips, c => Assert.Equal((takes[c.Id].Text, takes[c.Id].Frames.Count), (c.Text, c.Frames)));
        Assert.All(prepared.Manifest.Clips, c => Assert.Equal(takes[c.Id].Words, c.Words));
        // Four sentences don't hold every letter: what is missing in train is told by clip.
        Assert.DoesNotContain(SentenceModelCheck.Problems(prepared.Manifest), p => !p.Message.Contains("no clip in train says", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_drawings_of_one_seed_are_equal_byte_for_byte()
    {
        string a = Path.Combine(_folder.Path, "a"), b = Path.Combine(_folder.Path, "b");
        SyntheticCorpus.Write(Small, a, new Painter(), 2, cancellationToken: TestContext.Current.CancellationToken);
        SyntheticCorpus.Write(Small, b, new Painter(), 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(FolderListing.Of(a).Hash, FolderListing.Of(b).Hash);
    }

    [Fact]
    public void What_is_drawn_is_not_drawn_again_and_an_interrupted_drawing_goes_on()
    {
        using var stop = new CancellationTokenSource();
        var painter = new Painter { AfterEach = n => { if (n == 3) stop.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => SyntheticCorpus.Write(Small, _folder.Path, painter, 1, cancellationToken: stop.Token));
        Assert.Throws<CorpusProblemsException>(() => SyntheticCorpus.Import(_folder.Path, "c"));
        File.WriteAllText(Path.Combine(_folder.Path, "seen-1", ".half.mp4"), "left by a killed process");

        var rest = new Painter();
        SyntheticCorpus.Write(Small, _folder.Path, rest, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8 - painter.Drawn, rest.Drawn);
        Assert.DoesNotContain(FolderListing.Of(_folder.Path).Entries, e => e.RelativePath.Contains("half", StringComparison.Ordinal));

        var again = new Painter();
        SyntheticCorpus.Write(Small, _folder.Path, again, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, again.Drawn);
        SyntheticCorpus.Write(Small with { TestSeed = 5 }, _folder.Path, again, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8, again.Drawn);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_left_alone()
    {
        _folder.Write("seen-1/holiday.mp4", "mine");
        Assert.Throws<IOException>(() => SyntheticCorpus.Write(Small, _folder.Path, new Painter(), 1));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder.Path, "seen-1", "holiday.mp4")));
        Assert.Throws<CorpusProblemsException>(() => SyntheticCorpus.Import(_folder.Path, "c"));
    }

    [Fact]
    public void A_drawing_that_fails_is_told_as_it_is_and_leaves_no_half_file()
    {
        Assert.Throws<UnauthorizedAccessException>(() => SyntheticCorpus.Write(Small, _folder.Path, new Painter { AfterEach = _ => throw new UnauthorizedAccessException() }, 2));
        Assert.DoesNotContain(FolderListing.Of(_folder.Path).Entries, e => e.RelativePath.EndsWith(".mp4", StringComparison.Ordinal));
    }

    private sealed class Painter : ISyntheticRenderer
    {
        private int _drawn;

        public int Drawn => _drawn;

        public Action<int> AfterEach { get; init; } = _ => { };

        public string Extension => ".mp4";

        public string Fingerprint => "test";

        public void Render(SyntheticTake take, string path)
        {
            SyntheticVideo.Write(path, take.Speaker.Face, take.Frames, take.FramesPerSecond, seed: take.Seed);
            AfterEach(Interlocked.Increment(ref _drawn));
        }
    }

    private sealed class Tracker : ICropper
    {
        public CropSettings Settings => MouthCropper.DefaultSettings;

        public MouthClip Crop(string path, CancellationToken cancellationToken)
        {
            using var cropper = new MouthCropper();
            return cropper.Crop(path, Settings, cancellationToken: cancellationToken).Clip;
        }
    }
}
