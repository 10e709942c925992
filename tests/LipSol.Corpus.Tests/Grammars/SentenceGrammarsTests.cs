using LipSol.Corpus.Import;
using LipSol.Language.Decoding;

namespace LipSol.Corpus.Tests.Grammars;

public sealed class SentenceGrammarsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_with_a_grammar_has_it_in_its_manifest_and_says_which_clips_it_does_not_cover()
    {
        Write("آپ کب", "ہم کب", "کون");
        _folder.Write(SentenceGrammars.FileName, """{"patterns":[[{"words":["آپ","ھم"]},{"words":["كب"]}]]}""");
        var draft = Import();
        // Spelt as the transcripts are: كب with an Arabic kaf is کب.
        Assert.Equal("آپ ھم | کب", draft.Manifest.Grammar!.ToString());
        Assert.Contains("2 of 3 clips", draft.Warnings[0].Message);

        var again = ManifestFile.Read(ManifestFile.ToBytes(draft.Manifest));
        Assert.Equal(draft.Manifest.Grammar.ToString(), again.Grammar!.ToString());
        Assert.Equal(ManifestFile.Hash(draft.Manifest), ManifestFile.Hash(again));
    }

    [Fact]
    public void A_grammar_given_by_name_goes_before_that_of_the_folder_and_may_be_text()
    {
        Write("آپ کب", "ہم کب", "آپ کون");
        _folder.Write(SentenceGrammars.FileName, """{"patterns":[[{"words":["کب"]}]]}""");
        _folder.Write("mine.txt", "# two words\nآپ ہم | کب کون\n");
        var draft = Import(Path.Combine(_folder.Path, "mine.txt"));
        Assert.Equal("آپ ہم | کب کون", draft.Manifest.Grammar!.ToString());
        Assert.Empty(draft.Warnings);
    }

    [Fact]
    public void A_file_that_is_no_grammar_is_a_problem_of_the_import()
    {
        Write("آپ", "ہم", "کب");
        _folder.Write(SentenceGrammars.FileName, """{"patterns":[]}""");
        var problem = Assert.Throws<CorpusProblemsException>(() => Import()).Problems.Single();
        Assert.Equal(SentenceGrammars.FileName, problem.File);
        Assert.Contains("at least one pattern", problem.Message);
    }

    [Fact]
    public void A_corpus_imported_before_grammars_were_kept_has_the_known_one_that_all_its_transcripts_follow()
    {
        Write("آپ کتنے تھا جی کب ایک", "ہم کیسے ہے ہاں کیوں نو", "وہ کدھر تھے نہیں کون دو");
        var manifest = Import().Manifest;
        Assert.Null(manifest.Grammar);
        Assert.Equal(Grammar.Urdu, SentenceGrammars.Of(manifest));
        Assert.Null(SentenceGrammars.Of(manifest with { Clips = [.. manifest.Clips, manifest.Clips[0] with { Id = "z", Text = "کون آپ" }] }));
        Assert.DoesNotContain("grammar", System.Text.Encoding.UTF8.GetString(ManifestFile.ToBytes(manifest)));
    }

    private void Write(params string[] texts)
    {
        for (var i = 0; i < texts.Length; i++) _folder.Write($"{i}.mp4", $"clip {i}");
        _folder.Write(LabelsCsv.FileName, "path,speaker,split,text\n" + string.Concat(texts.Select((t, i) => $"{i}.mp4,s,{(i == 0 ? "train" : i == 1 ? "val" : "test")},{t}\n")));
    }

    private CorpusDraft Import(string? grammar = null) => LabelsCsvImporter.Import(_folder.Path, new ImportOptions { Name = "c", GrammarFile = grammar });
}
