using System.Text;
using LipSol.Corpus.Import;

namespace LipSol.Corpus.Tests.Import;

public sealed class LabelsCsvImporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public void A_good_folder_is_read_with_or_without_a_byte_order_mark(string mark)
    {
        Clips("a.mp4", "ویڈیو کا فولڈر/کلپ ایک.mp4", "c.mp4");
        _folder.Write("frames/0001.png", "1");
        _folder.Write("frames/0002.png", "2");
        Labels(mark + "path,speaker,split,text\r\na.mp4,s1,train,كيا\r\n\"ویڈیو کا فولڈر/کلپ ایک.mp4\",s1,VAL,\"کون، کب\"\r\n./c.mp4 , s2 ,test, ہم \r\nframes/,s2,test,ایک\r\n");

        var draft = Import();

        Assert.Equal(["a", "c", "frames", "ویڈیو کا فولڈر/کلپ ایک"], draft.Manifest.Clips.Select(c => c.Id));
        Assert.Equal(["کیا", "ہم", "ایک", "کون کب"], draft.Manifest.Clips.Select(c => c.Text));
        Assert.Equal([Split.Train, Split.Test, Split.Test, Split.Val], draft.Manifest.Clips.Select(c => c.Split));
        Assert.EndsWith(".dir", draft.Manifest.Clips[2].ContentHash, StringComparison.Ordinal);
        Assert.Equal("ur", draft.Manifest.Language);
        Assert.Empty(draft.Warnings);
    }

    [Fact]
    public void Every_problem_is_told_at_once_with_its_line()
    {
        Clips("a.mp4", "b.mp4", "e.mp4");
        _folder.Write("empty.mp4", "");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "nopictures"));
        _folder.Write("copy.mp4", File.ReadAllBytes(Path.Combine(_folder.Path, "a.mp4")));
        Labels("""
            path,speaker,split,text
            a.mp4,s1,train,ایک
            missing.mp4,s1,train,دو
            b.mp4,s1,training,تین
            a.mp4,s1,val,ایک
            copy.mp4,s2,test,ایک
            ../outside.mp4,s1,train,ایک
            /etc/passwd,s1,train,ایک
            e.mp4,s1,train,۔
            empty.mp4,s1,train,ایک
            nopictures,s1,train,ایک
            b.mp4,,test,ایک
            """);

        var problems = Problems();

        Told(problems, 3, "missing.mp4 does not exist");
        Told(problems, 4, "'training' is not a split: train, val or test");
        Told(problems, 5, "a.mp4 is listed twice (line 2)");
        Told(problems, 6, "copy.mp4 is a copy of a.mp4 (line 2), one in train and one in test");
        Told(problems, 7, "not inside");
        Told(problems, 8, "not inside");
        Told(problems, 9, "e.mp4 has no transcript");
        Told(problems, 10, "empty.mp4 is empty");
        Told(problems, 11, "without pictures");
        Told(problems, 12, "b.mp4 has no speaker");
        Assert.Equal(10, problems.Count);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("file,who\na.mp4,s1\n", "no column path and speaker and text")]
    [InlineData("path,speaker,split,text\n", "no clip was found")]
    [InlineData("path,speaker,split,text\n,s1,train,ایک\n", "has no path")]
    [InlineData("path,speaker,split,text\na.mp4,s1,train,\"ایک\n", "quote")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک,x,1\n", "start is 'x'")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک,2,1\n", "start before end")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک,0.5,\n", "both be given")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک,0.5,1\na.mp4,s1,train,دو,0.9,1.5\n", "listed twice for the same time")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک,0.5,1\na.mp4,s2,train,دو,1,1.5\n", "another speaker or split")]
    [InlineData("path,speaker,split,text,start,end\na.mp4,s1,train,ایک دو,0.5,1\n", "more than one word")]
    [InlineData("path,speaker,split,text,sha256\na.mp4,s1,train,ایک,00ff\n", "not the file that was listed")]
    public void A_damaged_list_is_told_what_is_wrong_with_it(string labels, string told)
    {
        Clips("a.mp4");
        Labels(labels);
        Assert.Contains(Problems(), p => p.Message.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_that_is_not_UTF_8_says_how_to_save_it()
    {
        Clips("a.mp4");
        _folder.Write("labels.csv", [.. "path,speaker,split,text\na.mp4,s1,train,"u8, 0xC7, 0xED, 0xDF, (byte)'\n']);
        Assert.Contains("CSV UTF-8", Problems().Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_or_list_is_told()
    {
        Assert.Contains("labels.csv", Problems().Single().ToString(), StringComparison.Ordinal);
        Assert.Throws<CorpusProblemsException>(() => LabelsCsvImporter.Import(Path.Combine(_folder.Path, "nowhere"), Options()));
    }

    [Fact]
    public void Rows_with_times_are_the_words_of_their_clip()
    {
        Clips("a.mp4", "b.mp4");
        Labels("path,speaker,split,text,start,end\na.mp4,s1,train,دو,0.8,1.2\na.mp4,s1,train,ایک,0.2,0.7\nb.mp4,s1,test,تین,,\n");
        var clips = Import().Manifest.Clips;
        Assert.Equal("ایک دو", clips[0].Text);
        Assert.Equal([new WordTime("ایک", 0.2, 0.7), new WordTime("دو", 0.8, 1.2)], clips[0].Words);
        Assert.Empty(clips[1].Words);
    }

    [Fact]
    public void One_word_alone_is_a_warning()
    {
        Clips("a.mp4", "b.mp4");
        Labels("path,speaker,split,text\na.mp4,s1,train,ایک\nb.mp4,s1,test,ایک\n");
        Assert.Contains("at least two words", Import().Warnings.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_that_differ_in_their_extension_alone_keep_it_in_their_ids()
    {
        Clips("a.mp4", "a.avi");
        Labels("path,speaker,split,text\na.mp4,s1,train,ایک\na.avi,s1,test,دو\n");
        Assert.Equal(["a.avi", "a.mp4"], Import().Manifest.Clips.Select(c => c.Id));
    }

    [Fact]
    public void Without_a_split_speakers_are_divided_and_the_seed_decides()
    {
        var rows = Enumerable.Range(0, 40).Select(i => ($"c{i}.mp4", $"s{i % 8}", i % 2 == 0 ? "ایک دو" : "تین چار")).ToArray();
        Clips([.. rows.Select(r => r.Item1)]);
        Labels("path,speaker,text\n" + string.Concat(rows.Select(r => $"{r.Item1},{r.Item2},{r.Item3}\n")));

        var clips = Import().Manifest.Clips;

        Assert.All(clips.GroupBy(c => c.Speaker), g => Assert.Single(g.Select(c => c.Split).Distinct()));
        Assert.Equal(3, clips.Select(c => c.Split).Distinct().Count());
        Assert.Equal(clips.Select(c => c.Split), Import().Manifest.Clips.Select(c => c.Split));
        Assert.Contains(Enumerable.Range(2, 10), seed => !LabelsCsvImporter.Import(_folder.Path, Options() with { Seed = seed }).Manifest.Clips.Select(c => c.Split).SequenceEqual(clips.Select(c => c.Split)));
        Assert.Equal("1", Import().Manifest.Origin["seed"]);
    }

    [Fact]
    public void Single_words_are_dealt_out_word_by_word_so_every_split_has_every_word()
    {
        var rows = Enumerable.Range(0, 60).Select(i => ($"c{i}.mp4", "s1", new[] { "ایک", "دو", "تین" }[i % 3])).ToArray();
        Clips([.. rows.Select(r => r.Item1)]);
        Labels("path,speaker,text\n" + string.Concat(rows.Select(r => $"{r.Item1},{r.Item2},{r.Item3}\n")));
        Assert.All(Import().Manifest.Clips.GroupBy(c => c.Split), g => Assert.Equal(3, g.Select(c => c.Text).Distinct().Count()));

        Labels("path,speaker,text\n" + string.Concat(rows.Select(r => $"{r.Item1},{r.Item2},{r.Item3} کون{r.Item1[1..^4]}\n")));
        Assert.Equal(60, Import().Manifest.Clips.Select(c => c.Text).Distinct().Count());
        var refused = Assert.Throws<CorpusProblemsException>(() => LabelsCsvImporter.Import(_folder.Path, Options() with { SplitBy = SplitBy.Speaker }));
        Assert.Contains("by speaker", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_for_some_clips_only_is_refused()
    {
        Clips("a.mp4", "b.mp4");
        Labels("path,speaker,split,text\na.mp4,s1,train,ایک\nb.mp4,s1,,دو\n");
        Assert.Contains("has no split", Problems().Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_read_from_text_and_unknown_ones_are_refused()
    {
        var options = ImportOptions.From("c", new Dictionary<string, string> { ["seed"] = "7", ["split-by"] = "sentence", ["mouth-crops"] = "true", ["speakers"] = "a, b" });
        Assert.Equal((7, SplitBy.Sentence, true), (options.Seed, options.SplitBy, options.MouthCrops));
        Assert.Equal(["a", "b"], options.Speakers);
        foreach (var (key, value) in new[] { ("sed", "7"), ("seed", "x"), ("split-by", "word"), ("split-by", "7"), ("val-share", "2"), ("mouth-crops", "maybe") })
            Assert.Contains(key, Assert.Throws<ArgumentException>(() => ImportOptions.From("c", new Dictionary<string, string> { [key] = value })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImportOptions.From("../c", new Dictionary<string, string>()));
    }

    private static ImportOptions Options() => new() { Name = "c" };

    private static void Told(IReadOnlyList<CorpusProblem> problems, int line, string message) =>
        Assert.True(problems.Any(p => p.Line == line && p.Message.Contains(message, StringComparison.Ordinal)), $"{line}: {message}\nin\n{string.Join('\n', problems)}");

    private CorpusDraft Import() => LabelsCsvImporter.Import(_folder.Path, Options());

    private IReadOnlyList<CorpusProblem> Problems() => Assert.Throws<CorpusProblemsException>(Import).Problems;

    private void Labels(string text) => _folder.Write("labels.csv", Encoding.UTF8.GetBytes(text));

    private void Clips(params string[] paths)
    {
        foreach (var path in paths) _folder.Write(path, "video " + path);
    }
}
