using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Corpora;

/// <summary>Input that sentences can't be learnt or measured from, on its way from import over check to training, reading and evaluation: each is told with its clip and what to do.</summary>
public sealed class SentenceInputTests(Workshop workshop) : IDisposable
{
    private static readonly string[] TinyLetters = [.. Workshop.TinyNetwork, .. new[] { "epochs=2", "word_epochs=1", "phrase_epochs=0" }.SelectMany(s => new[] { "--set", s })];
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Empty_transcripts_and_a_copy_in_train_and_test_are_refused_at_import()
    {
        Directory.CreateDirectory(scratch["corpus"]);
        foreach (var (name, frames) in new[] { ("a", 20), ("b", 21), ("c", 22) }) Worker.Tests.Workers.Clips.Talking(scratch[$"corpus/{name}.mp4"], frames);
        File.Copy(scratch["corpus/a.mp4"], scratch["corpus/another name.mp4"]);
        Labels("a.mp4,s1,train,کب جی", "b.mp4,s1,train,", "c.mp4,s1,val,۔ ؟", "another name.mp4,s2,test,کب جی");
        var error = (await ImportAsync("refused")).With(2).Document.GetProperty("error").GetString()!;
        foreach (var words in (string[])
        [
            "labels.csv:3: b.mp4 has no transcript: write down what is said, or take the clip out",
            "labels.csv:4: c.mp4 has no transcript ('۔ ؟' holds no letter)",
            "labels.csv:5: another name.mp4 is a copy of a.mp4 (line 2), one in train and one in test: keep one of the two",
        ]) Assert.Contains(words, error);
    }

    [Fact]
    public async Task An_alignment_of_nothing_but_silence_is_an_empty_transcript()
    {
        Directory.CreateDirectory(scratch["corpus/s1/video"]);
        Directory.CreateDirectory(scratch["corpus/s1/align"]);
        Worker.Tests.Workers.Clips.Talking(scratch["corpus/s1/video/one_video.avi"], 20);
        await File.WriteAllTextAsync(scratch["corpus/s1/align/one.align"], "س 0 0.8\n", TestContext.Current.CancellationToken);
        var error = (await LipSolProgram.RunAsync(scratch["data"], "corpus", "import", "urdu", scratch["corpus"], "--name", "silent", "--json")).With(2).Document.GetProperty("error").GetString()!;
        Assert.Contains("s1/align/one.align: s1/video/one_video.avi has no transcript", error);
    }

    [Fact]
    public async Task Letters_outside_the_alphabet_lengths_that_CTC_can_not_spell_and_hidden_copies_are_named_by_check_and_by_train()
    {
        var made = await workshop.ReadyAsync();
        Directory.CreateDirectory(scratch["corpus"]);
        string[] good = ["کب جی آپ", "جی آپ", "آپ کب", "جی کب"];
        for (var i = 0; i < good.Length; i++) Worker.Tests.Workers.Clips.Talking(scratch[$"corpus/{i}.mp4"], 24 + i);
        Worker.Tests.Workers.Clips.Talking(scratch["corpus/val.mp4"], 30);
        Worker.Tests.Workers.Clips.Talking(scratch["corpus/foreign.mp4"], 31);
        Worker.Tests.Workers.Clips.Talking(scratch["corpus/cut short.mp4"], 6);
        Worker.Tests.Workers.Clips.Talking(scratch["corpus/doubled.mp4"], 7);
        // The same pictures in other bytes: an empty box behind the last one.
        await File.WriteAllBytesAsync(scratch["corpus/copy.mp4"], [.. await File.ReadAllBytesAsync(scratch["corpus/0.mp4"], TestContext.Current.CancellationToken), 0, 0, 0, 8, .. "free"u8], TestContext.Current.CancellationToken);
        Labels([.. good.Select((text, i) => $"{i}.mp4,s1,train,{text}"), "val.mp4,s1,val,کب", "foreign.mp4,s1,test,ڈاک", "cut short.mp4,s1,test,کب جی آپ", "doubled.mp4,s1,test,ببببب", "copy.mp4,s2,test,کب جی آپ"]);
        (await ImportAsync("bad", made.DataFolder)).With(0);

        (string Clip, string[] Words)[] wrong =
        [
            ("foreign.mp4", ["'ڈ'", "no clip in train says", "Correct the transcript, or move such a clip to train"]),
            ("cut short.mp4", ["6 frames", "too few for its 8 letters", "8 ("]),
            ("doubled.mp4", ["7 frames", "too few for its 5 letters", "one more between equal neighbours, 9"]),
            ("copy.mp4", ["is in test, and a copy of it, 0.mp4, in train: keep one of the two"]),
        ];
        var check = (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "check", "bad", "--json")).With(1);
        var problems = check.Document.GetProperty("problems").EnumerateArray().ToArray();
        foreach (var (clip, words) in wrong)
        {
            var problem = Assert.Single(problems, p => p.GetProperty("clip").GetString() == clip);
            foreach (var word in words) Assert.Contains(word, problem.GetProperty("reason").GetString());
            Assert.Equal(clip == "copy.mp4" ? ["words", "sentences"] : ["sentences"], problem.GetProperty("for").EnumerateArray().Select(u => u.GetString()!));
            Assert.Contains($"{clip}: ", check.Errors);
        }
        Assert.Equal(wrong.Length, problems.Length);
        Assert.Equal((false, false), (check.Document.GetProperty("trainable").GetProperty("words").GetBoolean(), check.Document.GetProperty("trainable").GetProperty("sentences").GetBoolean()));
        // A word that training never says hinders no model of words; it's read wrongly, which is worth knowing.
        Assert.Contains(check.Document.GetProperty("notes").EnumerateArray(), n => n.GetProperty("clip").GetString() == "foreign.mp4" && n.GetProperty("reason").GetString()!.Contains("counts as read wrongly", StringComparison.Ordinal));

        var words1 = (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "check", "bad", "--for", "words")).With(1).Output;
        Assert.Contains("copy.mp4", words1);
        Assert.DoesNotContain("doubled.mp4: has", words1);

        var refused = (await LipSolProgram.RunAsync(made.DataFolder, ["train", "--corpus", "bad", "--model", "char-tcn", .. TinyLetters, "--json"])).With(2).Document;
        Assert.Equal("failed", refused.GetProperty("status").GetString());
        foreach (var (clip, words) in wrong)
            foreach (var word in words.Prepend(clip)) Assert.Contains(word, refused.GetProperty("reason").GetString());
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_model_of_letters_refuses_a_corpus_of_others_by_the_clip_and_reads_a_clip_longer_than_any_of_training_in_windows()
    {
        var made = await workshop.ReadyAsync();
        Directory.CreateDirectory(scratch["corpus"]);
        string[] texts = ["کب جی آپ", "جی آپ", "آپ کب", "جی کب", "کب آپ", "جی", "آپ جی", "کب جی"];
        for (var i = 0; i < texts.Length; i++) Worker.Tests.Workers.Clips.Talking(scratch[$"corpus/{i}.mp4"], 24 + i);
        Labels([.. texts.Select((text, i) => $"{i}.mp4,s{i % 2},{(i < 5 ? "train" : i == 5 ? "val" : "test")},{text}")]);
        (await ImportAsync("letters", made.DataFolder)).With(0);
        Assert.Contains("sentences: a model can be trained", (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "check", "letters")).With(0).Output);
        var run = (await LipSolProgram.RunAsync(made.DataFolder, ["train", "--corpus", "letters", "--model", "char-tcn", .. TinyLetters, "--json"])).With(0).Document.GetProperty("id").GetString()!;
        // Refused by the gate, it is version 1 all the same, and nothing is put into production.
        (await LipSolProgram.RunAsync(made.DataFolder, "models", "promote", "letters", "--run", run, "--threshold", "2")).With(1);

        string[] read = ["transcribe", Worker.Tests.Workers.Clips.Talking(scratch["long.mp4"], 80), "--model", "letters", "--version-number", "1"];
        const string Windowed = "The clip is longer than any this model was trained on (28 frames): it was read in";
        Assert.Contains((await LipSolProgram.RunAsync(made.DataFolder, [.. read, "--json"])).With(0).Document.GetProperty("notes").EnumerateArray(), n => n.GetString()!.StartsWith(Windowed, StringComparison.Ordinal));
        Assert.Contains($"note: {Windowed}", (await LipSolProgram.RunAsync(made.DataFolder, read)).With(0).Errors);
        var asLong = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", scratch["corpus/4.mp4"], "--model", "letters", "--version-number", "1", "--json")).With(0).Document;
        Assert.DoesNotContain(asLong.GetProperty("notes").EnumerateArray(), n => n.GetString()!.Contains("windows", StringComparison.Ordinal));

        Labels("0.mp4,s0,train,yes no", "1.mp4,s0,val,no", "2.mp4,s0,test,no yes", "3.mp4,s1,test,yes");
        (await ImportAsync("english", made.DataFolder, "--set", "language=en")).With(0);
        foreach (var arguments in (string[][])[["--model", "letters@1"], ["--model", "letters@1", "--against", "letters@1"]])
        {
            var error = (await LipSolProgram.RunAsync(made.DataFolder, ["evaluate", "--corpus", "english", .. arguments, "--json"])).With(2).Document.GetProperty("error").GetString()!;
            foreach (var words in (string[])["in 2 of 2 clips", "2 says 'n' 'o' 'y' 'e' 's' ('no yes')", "alphabet is that of letters", "train a model on english"]) Assert.Contains(words, error);
        }
        var aligned = (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "align", "english", "--model", "letters@1")).With(2).Output;
        foreach (var words in (string[])["not aligned: 2: The transcript 'no yes' has letters outside the model's alphabet: 'n' (U+006E)", "trained on english or on a corpus of its letters", "4 could not be aligned"]) Assert.Contains(words, aligned);
        var ofWords = (await LipSolProgram.RunAsync(made.DataFolder, "evaluate", "--model", "tiny-words", "--corpus", "english", "--json")).With(2).Document.GetProperty("error").GetString()!;
        foreach (var words in (string[])["not one of the words that corpus english says", "2 says 'no'", "trained on tiny"]) Assert.Contains(words, ofWords);
    }

    private void Labels(params string[] rows) => File.WriteAllText(scratch["corpus/labels.csv"], "path,speaker,split,text\n" + string.Join('\n', rows) + "\n");

    private Task<Answer> ImportAsync(string name, string? dataFolder = null, params string[] more) =>
        LipSolProgram.RunAsync(dataFolder ?? scratch["data"], ["corpus", "import", "folder", scratch["corpus"], "--name", name, .. more, "--json"]);
}
