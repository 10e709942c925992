using LipSol.Corpus.Import;

namespace LipSol.Corpus.Tests.Import;

public sealed class LayoutImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GRID_from_its_home_without_labels_is_divided_and_takes_missing_times_from_the_names()
    {
        foreach (var (speaker, id, words) in new[] { ("s1", "bbaf2n", "bin blue at f two now"), ("s1", "lgwzzp", ""), ("s2", "swbp1a", "set white by p one again"), ("s3", "pric9s", "place red in c nine soon") })
        {
            _folder.Write($"{speaker}/video/{id}.mpg", id);
            if (words.Length > 0) _folder.Write($"{speaker}/align/{id}.align", Align(words.Split(' ')));
        }
        _folder.Write("s2/align/lbbk5n.align", Align(["lay"]));

        var draft = GridImporter.Import(_folder.Path, new ImportOptions { Name = "grid" });

        Assert.Equal("lay green with z zero please", draft.Manifest.Clips.Single(c => c.Id == "s1/video/lgwzzp").Text);
        Assert.Equal(["set", "white", "by", "p", "one", "again"], draft.Manifest.Clips.Single(c => c.Speaker == "s2").Words.Select(w => w.Word));
        Assert.Equal(3, draft.Manifest.Clips.Select(c => c.Split).Distinct().Count());
        Assert.Contains(draft.Warnings, w => w.File == "s2/align/lbbk5n.align");
        Assert.Contains(draft.Warnings, w => w.File == "s1/video/lgwzzp.mpg");
        Assert.Contains("CC BY 4.0", draft.Manifest.Attribution, StringComparison.Ordinal);
    }

    [Fact]
    public void Transcripts_and_alignments_that_disagree_are_told_with_both()
    {
        _folder.Write("s1/video/bbaf2n.mpg", "x");
        _folder.Write("s1/align/bbaf2n.align", Align("bin blue at f two now".Split(' ')));
        _folder.Write("labels.csv", "path,speaker,split,text\ns1/video/bbaf2n.mpg,s1,train,bin red at f two now\n");
        var problem = Assert.Throws<CorpusProblemsException>(() => GridImporter.Import(_folder.Path, new ImportOptions { Name = "grid" })).Problems.Single();
        Assert.Equal(2, problem.Line);
        Assert.Contains("bin blue at f two now", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 1000\n", "'0 1000' is not 'start end word'")]
    [InlineData("0 x bin\n", "is not 'start end word'")]
    [InlineData("2000 1000 bin\n", "ends before it starts")]
    [InlineData("0 2000 bin\n1000 3000 blue\n", "before the word before it ends")]
    public void A_damaged_alignment_is_told_with_its_line(string align, string told)
    {
        _folder.Write("s1/video/bbaf2n.mpg", "x");
        _folder.Write("s1/align/bbaf2n.align", align);
        var problems = Assert.Throws<CorpusProblemsException>(() => GridImporter.Import(_folder.Path, new ImportOptions { Name = "grid", SplitBy = SplitBy.Sentence })).Problems;
        Assert.Contains(problems, p => p.File == "s1/align/bbaf2n.align" && p.Line > 0 && p.Message.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_speakers_asked_for_are_imported()
    {
        foreach (var id in new[] { "bbaf2n", "bbaf3s", "bbaf5a" })
        {
            _folder.Write($"s1/video/{id}.mpg", id);
            _folder.Write($"s2/video/{id}.mpg", "2" + id);
        }
        var draft = GridImporter.Import(_folder.Path, new ImportOptions { Name = "grid", Speakers = ["s2"] });
        Assert.All(draft.Manifest.Clips, c => Assert.Equal("s2", c.Speaker));
        Assert.Equal(3, draft.Manifest.Clips.Count);
        Assert.Throws<CorpusProblemsException>(() => GridImporter.Import(_folder.Path, new ImportOptions { Name = "grid", Speakers = ["s9"] }));
    }

    [Fact]
    public void The_recorded_Urdu_layout_is_imported_with_its_times_in_seconds()
    {
        foreach (var speaker in new[] { "علی", "s2", "s3" })
        {
            _folder.Write($"{speaker}/video/001_video.avi", speaker);
            _folder.Write($"{speaker}/align/001.align", "س 0.0 0.4\nآپ 0.4 0.9\nکیسے 0.9 1.5\nهے 1.5 1.8\nس 1.8 3.0\n");
        }
        var draft = RecordedUrduImporter.Import(_folder.Path, new ImportOptions { Name = "urdu" });
        var clip = draft.Manifest.Clips.Single(c => c.Speaker == "علی");
        Assert.Equal("آپ کیسے ہے", clip.Text);
        Assert.Equal(new WordTime("ہے", 1.5, 1.8), clip.Words[2]);
        Assert.Equal(3, draft.Manifest.Clips.Select(c => c.Split).Distinct().Count());

        _folder.Write("s2/video/002_video.avi", "no alignment");
        _folder.Write("s3/video/003_video.avi", "only silence");
        _folder.Write("s3/align/003.align", "س 0.0 3.0\n");
        var problems = Assert.Throws<CorpusProblemsException>(() => RecordedUrduImporter.Import(_folder.Path, new ImportOptions { Name = "urdu" })).Problems;
        Assert.Contains(problems, p => p.Message.Contains("has no alignment", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Message.Contains("has no transcript", StringComparison.Ordinal));
    }

    private static string Align(string[] words) =>
        "0 5000 sil\n" + string.Concat(words.Select((w, i) => $"{5000 + i * 4000} {9000 + i * 4000} {w}\n")) + $"{5000 + words.Length * 4000} 74500 sil\n";
}
