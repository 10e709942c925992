using LipSol.Corpus.Import;
using LipSol.Language.Decoding;

namespace LipSol.Corpus.Tests.Import;

public sealed class GridImporterTests
{
    [Fact]
    public void The_part_of_GRID_at_hand_is_imported_with_word_times_and_its_own_split()
    {
        var draft = GridImporter.Import(RepositoryRoot.Shared("grid"), new ImportOptions { Name = "grid" });

        Assert.Equal(425, draft.Manifest.Clips.Count);
        Assert.Equal((300, 40, 85), (Count(Split.Train), Count(Split.Val), Count(Split.Test)));
        Assert.Empty(draft.Warnings);
        Assert.Equal(Grammar.Grid, draft.Manifest.Grammar);
        Assert.Equal(Grammar.Grid, SentenceGrammars.Of(draft.Manifest with { Grammar = null }));
        Assert.Equal("en", draft.Manifest.Language);
        var clip = draft.Manifest.Clips.Single(c => c.Id == "s1/video/bbaf2n");
        Assert.Equal("bin blue at f two now", clip.Text);
        Assert.Equal(new WordTime("bin", 0.95, 1.18), clip.Words[0]);
        Assert.Equal(6, clip.Words.Count);
        Assert.Equal(5, draft.Manifest.Clips.Count(c => c.Words.Count == 0));

        int Count(Split split) => draft.Manifest.Clips.Count(c => c.Split == split);
    }
}
