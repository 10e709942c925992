using System.Text;
using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class AlphabetTests
{
    [Fact]
    public void The_same_texts_give_the_same_alphabet_in_any_order()
    {
        var alphabet = Alphabet.From(["وہ کون", "ہم"]);
        Assert.Equal(Alphabet.From(["ہم", "وہ کون"]).Letters, alphabet.Letters);
        Assert.Equal([" ", "م", "ن", "و", "ک", "ہ"], alphabet.Letters);
        Assert.Equal(7, alphabet.Count);
    }

    [Fact]
    public void A_text_survives_its_classes()
    {
        var alphabet = Alphabet.From(["آپ کون", "😀"]);
        Assert.Equal("کون 😀 آپ", alphabet.Decode(alphabet.Encode("کون 😀 آپ")));
        Assert.DoesNotContain(Alphabet.Blank, alphabet.Encode("آپ کون"));
    }

    [Fact]
    public void Letters_outside_the_alphabet_are_named_each_once()
    {
        var alphabet = Alphabet.From(["ab"]);
        var refusal = Assert.Throws<UnusableTranscriptException>(() => alphabet.Encode("axbzx"));
        Assert.Equal(TranscriptProblem.OutsideAlphabet, refusal.Problem);
        Assert.Contains("'x' (U+0078), 'z' (U+007A)", refusal.Message);
        Assert.Equal([new Rune('x'), new Rune('z')], alphabet.Foreign("axbzx"));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("")]
    [InlineData("\ud800")]
    public void A_letter_is_one_code_point(string letter) => Assert.Throws<ArgumentException>(() => new Alphabet(["x", letter]));

    [Fact]
    public void A_letter_stands_in_it_once() => Assert.Throws<ArgumentException>(() => new Alphabet(["a", "b", "a"]));
}
