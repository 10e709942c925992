using LipSol.Language.Text;

namespace LipSol.Language.Tests.Text;

public sealed class UrduTextTests
{
    [Theory]
    [InlineData("كيا", "کیا")] // Arabic kaf and yeh
    [InlineData("هم", "ہم")] // Arabic heh
    [InlineData("ھم", "ھم")] // do chashmi he is a letter of its own
    [InlineData("آٹھ", "آٹھ")]
    [InlineData("ا\u0653پ", "آپ")] // alef and combining madd
    [InlineData("ہو\u064Fں", "ہوں")] // pesh
    [InlineData("نہیں۔", "نہیں")]
    [InlineData("کون، کیوں؟", "کون کیوں")]
    [InlineData("  کب \t\n کون ", "کب کون")]
    [InlineData("کون\u200Cسا", "کونسا")] // ZWNJ
    [InlineData("کـــب", "کب")] // tatweel
    [InlineData("\uFEFF\u202Bایک\u202C", "ایک")] // byte order mark, direction marks
    [InlineData("ﻧﮩﯿﮟ", "نہیں")] // presentation forms
    [InlineData("12 ٣٤ ۵۶", "۱۲ ۳۴ ۵۶")]
    [InlineData("گئے", "گئے")]
    [InlineData("گی\u0654ے", "گئے")] // yeh and combining hamza
    [InlineData("نامه\u0654", "نامۂ")] // Arabic heh and combining hamza: the same word as with ہ
    [InlineData("نامہ\u0654", "نامۂ")]
    [InlineData("نام\u06C0", "نامۂ")]
    [InlineData("ه\u064E\u0654", "ۂ")] // a zabar between the two changes nothing
    [InlineData("ب\u0654", "ب")] // a hamza that makes no letter is a mark
    [InlineData("\u06AB\u06CD\u06CE\u0620\u063D", "گیییی")] // letters of Pashto, Kurdish and Kashmiri keyboards
    [InlineData("\u0671لله", "اللہ")] // alef wasla
    [InlineData("\uFD3Eکب\uFD3F \uFDFD", "کب")] // ornate parentheses and the bismillah as one sign are no letters
    [InlineData("\U0001EE00\U0001EE01", "اب")] // mathematical letters
    [InlineData("ک\u08D3ب\u0898", "کب")] // marks of Arabic Extended-A and -B
    [InlineData("\u0600۵\u066B۳\u060B", "۵ ۳")] // number sign, decimal separator, currency
    [InlineData("مدرسة", "مدرسۃ")]
    [InlineData("", "")]
    public void Spellings_of_one_word_become_one(string typed, string normalised) => Assert.Equal(normalised, UrduText.Normalise(typed));

    [Fact]
    public void Normalising_twice_changes_nothing_whatever_the_text()
    {
        var random = new Random(5);
        string[] alphabet = ["ا", "ی", "ي", "ى", "ه", "ہ", "ة", "\u0654", "\u0653", "\u064E", "\u0655", "\u0670", "ك", "و", "ے", "ۀ", "ۂ", "ﻻ", "ﷺ", "\uFB50", "\u200C",
            " ", "\u00A0", "1", "٣", "A", "é", "e\u0301", "\uD800", "\uDC00", "😀", "۔", "-", "_", "\u0640", "\uFEFF", "\u06DD", "\u0345"];
        for (var n = 0; n < 20_000; n++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            var once = UrduText.Normalise(text);
            Assert.Equal(once, UrduText.Normalise(once));
            var plain = PlainText.Normalise(text);
            Assert.Equal(plain, PlainText.Normalise(plain));
        }
    }

    [Theory]
    [InlineData("  Bin BLUE\tat  F two now ", "en", "bin blue at f two now")]
    [InlineData("\uFEFFÉTÉ", "fr", "été")]
    [InlineData("كيا", "ur-PK", "کیا")]
    public void The_language_decides_the_rules(string typed, string language, string normalised) => Assert.Equal(normalised, Transcripts.Normalise(typed, language));
}
