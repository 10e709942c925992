using System.Text;
using LipSol.Cli.Tests.Programs;
using LipSol.Corpus;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Cli.Tests.Corpora;

public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public ImportTests() => Directory.CreateDirectory(scratch["corpus"]);

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public async Task A_labels_file_is_read_with_and_without_a_byte_order_mark(string mark)
    {
        Clip("اچھا کلپ.mp4", 10);
        Clip("b.mp4", 12);
        Labels(mark + "path,speaker,split,text\r\nاچھا کلپ.mp4,s1,train,کب\r\nb.mp4,s2,test,جی\r\n");
        var document = (await ImportAsync("--json")).With(0).Document;
        Assert.Equal((2, 0, 22), (document.GetProperty("clips").GetInt32(), document.GetProperty("refused").GetInt32(), document.GetProperty("frames").GetInt32()));
        Assert.Equal(["b", "اچھا کلپ"], new CorpusCatalog(scratch["data"]).Get("mine").Manifest.Clips.Select(c => c.Id));
    }

    [Fact]
    public async Task A_missing_file_an_unknown_split_and_a_clip_listed_twice_are_told_all_at_once_with_their_lines()
    {
        Clip("a.mp4", 10);
        Labels("path,speaker,split,text\na.mp4,s1,train,کب\ngone.mp4,s1,train,جی\na.mp4,s1,training,کب\na.mp4,s1,val,کب\n");
        var answer = (await ImportAsync("--json")).With(2);
        var error = answer.Document.GetProperty("error").GetString()!;
        foreach (var words in (string[])["gone.mp4", "'training' is not a split", "listed twice", "labels.csv"]) Assert.Contains(words, error);
        foreach (var line in (string[])["3", "4", "5"]) Assert.Matches($@"\b{line}\b", error);
        Assert.Null(new CorpusCatalog(scratch["data"]).Find("mine"));
    }

    [Theory]
    [InlineData("path,speaker\na.mp4,s1\n", "text")]
    [InlineData("", "labels.csv")]
    [InlineData("path,speaker,split,text\n", "no clip")]
    public async Task A_labels_file_without_what_it_needs_is_bad_input(string labels, string words)
    {
        Labels(labels);
        var answer = (await ImportAsync()).With(2);
        Assert.Contains(words, answer.Errors);
    }

    [Fact]
    public async Task A_folder_without_labels_or_that_does_not_exist_and_a_name_that_is_none_are_bad_input()
    {
        Assert.Contains("labels.csv", (await ImportAsync()).With(2).Errors);
        Assert.Contains(scratch["nowhere"], (await LipSolProgram.RunAsync(scratch["data"], "corpus", "import", "folder", scratch["nowhere"], "--name", "mine")).With(2).Errors);
        Assert.Contains("'../x' is not a name", (await LipSolProgram.RunAsync(scratch["data"], "corpus", "import", "folder", scratch["corpus"], "--name", "../x")).With(2).Errors);
        Assert.Contains("--set", (await ImportAsync("--set", "language")).With(2).Errors);
        Assert.Contains("langauge", (await ImportAsync("--set", "langauge=ur")).With(2).Errors);
    }

    [Fact]
    public async Task A_corpus_with_one_word_can_be_imported_is_found_wanting_and_is_not_trained_on()
    {
        Clip("a.mp4", 10);
        Clip("b.mp4", 12);
        Labels("path,speaker,split,text\na.mp4,s1,train,کب\nb.mp4,s2,test,کب\n");
        (await ImportAsync()).With(0);
        Assert.Contains("کب", (await LipSolProgram.RunAsync(scratch["data"], "corpus", "check", "mine")).With(1).Output);
        var refused = (await LipSolProgram.RunAsync(scratch["data"], "train", "--corpus", "mine", "--model", "word-tcn", "--json")).With(2);
        Assert.Contains("کب", refused.Document.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Importing_again_tells_what_it_undoes()
    {
        Clip("a.mp4", 10);
        Clip("b.mp4", 12);
        Clip("c.mp4", 14);
        Labels("path,speaker,split,text\na.mp4,s1,train,کب\nb.mp4,s2,test,کب\nc.mp4,s2,test,جی\n");
        (await ImportAsync()).With(0);
        (await LipSolProgram.RunAsync(scratch["data"], "corpus", "change", "mine", "--exclude", "c", "--why", "blurred")).With(0);
        Assert.Contains("1 clips that had been left out are back (c)", (await ImportAsync()).With(0).Errors);
    }

    [Fact]
    public async Task Ctrl_C_stops_an_import_that_goes_on_later_where_it_was()
    {
        var bytes = await File.ReadAllBytesAsync(Worker.Tests.Workers.Clips.Talking(scratch["clip.mp4"], 60), TestContext.Current.CancellationToken);
        // Different bytes, the same pictures: an empty box behind the last one.
        for (var i = 0; i < 60; i++) await File.WriteAllBytesAsync(scratch[$"corpus/{i}.mp4"], [.. bytes, 0, 0, 0, 12, .. "free"u8, .. BitConverter.GetBytes(i)], TestContext.Current.CancellationToken);
        Labels("path,speaker,split,text\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i}.mp4,s1,train,کب\n")));
        await using var import = LipSolProgram.Start(scratch["data"], "corpus", "import", "folder", scratch["corpus"], "--name", "mine", "--json");
        await import.WaitForErrorsAsync(text => text.Contains("tracking", StringComparison.Ordinal));
        import.CtrlC();
        var answer = (await import.Ended).With(1);
        Assert.Equal("Stopped.", answer.Document.GetProperty("error").GetString());
        Assert.True(await import.NothingIsLeftAsync(TimeSpan.FromSeconds(60)), "a worker outlived the command");
        Assert.Null(new CorpusCatalog(scratch["data"]).Find("mine"));

        var again = (await ImportAsync("--json")).With(0).Document;
        Assert.Equal(60, again.GetProperty("clips").GetInt32());
        Assert.InRange(again.GetProperty("prepared").GetInt32(), 1, 59);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_the_corpus_is_not_there()
    {
        using var disk = SmallDisk.Mount(300);
        foreach (var i in Enumerable.Range(0, 4)) Clip($"{i}.mp4", 60 + i);
        Labels("path,speaker,split,text\n" + string.Concat(Enumerable.Range(0, 4).Select(i => $"{i}.mp4,s1,train,کب\n")));
        var answer = (await LipSolProgram.RunAsync(Path.Combine(disk.Path, "data"), "corpus", "import", "folder", scratch["corpus"], "--name", "mine")).With(1);
        Assert.Contains("disk is full", answer.Errors);
        Assert.Null(new CorpusCatalog(Path.Combine(disk.Path, "data")).Find("mine"));
    }

    private Task<Answer> ImportAsync(params string[] more) =>
        LipSolProgram.RunAsync(scratch["data"], ["corpus", "import", "folder", scratch["corpus"], "--name", "mine", .. more]);

    private void Clip(string name, int frames) => Worker.Tests.Workers.Clips.Talking(scratch[$"corpus/{name}"], frames);

    private void Labels(string text) => File.WriteAllText(scratch["corpus/labels.csv"], text, new UTF8Encoding(false));
}
