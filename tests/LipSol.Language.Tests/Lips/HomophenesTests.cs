using LipSol.Language.Lips;
using LipSol.Language.Text;

namespace LipSol.Language.Tests.Lips;

public sealed class HomophenesTests
{
    [Fact]
    public void The_closed_vocabulary_has_27_words_in_six_slots_each_spelt_once()
    {
        Assert.Equal([4, 4, 4, 3, 3, 9], UrduLexicon.Slots.Select(s => s.Count));
        Assert.Equal(27, UrduLexicon.Words.Distinct().Count());
        Assert.All(UrduLexicon.Words, w => Assert.Equal(w, UrduText.Normalise(w)));
        Assert.All(UrduLexicon.Words, w => Assert.NotEmpty(UrduLexicon.Pronounce(w).Visemes));
    }

    [Fact]
    public void Words_that_no_lip_reader_can_tell_apart_are_said_to()
    {
        var groups = Homophenes.Groups(UrduLexicon.Words);
        Assert.Equal([["ہم", "کب"]], groups);
        Assert.Empty(Homophenes.Groups(["آپ", "میں", "no such word"]));
    }

    [Fact]
    public void Similarity_is_symmetric_one_for_homophenes_and_falls_with_the_lips()
    {
        foreach (var a in UrduLexicon.Words)
        {
            foreach (var b in UrduLexicon.Words)
            {
                var similarity = Homophenes.Similarity(UrduLexicon.Pronounce(a), UrduLexicon.Pronounce(b));
                Assert.InRange(similarity, 0, 1);
                Assert.Equal(Homophenes.Similarity(UrduLexicon.Pronounce(b), UrduLexicon.Pronounce(a)), similarity, 12);
                if (a == b) Assert.Equal(1, similarity, 12);
            }
        }
        Assert.Equal(["ہم"], Homophenes.Pairs(UrduLexicon.Words, 0.99).Select(p => p.First));
        Assert.True(Of("جی", "چھ") > Of("جی", "آپ"));

        static double Of(string a, string b) => Homophenes.Similarity(UrduLexicon.Pronounce(a), UrduLexicon.Pronounce(b));
    }

    [Fact]
    public void Every_phoneme_has_a_viseme_and_other_symbols_are_refused()
    {
        Assert.All(VisemeTable.Phonemes, p => Assert.NotEqual(Viseme.Silence, VisemeTable.Of(p)));
        Assert.Equal(Enum.GetValues<Viseme>().Length - 1, VisemeTable.Phonemes.Select(VisemeTable.Of).Distinct().Count());
        Assert.Throws<ArgumentException>(() => VisemeTable.Of("θ"));
        Assert.Throws<ArgumentException>(() => UrduLexicon.Pronounce("سڑک"));
        Assert.Equal(VisemeTable.Of("p"), VisemeTable.Of("bʱ"));
    }
}
