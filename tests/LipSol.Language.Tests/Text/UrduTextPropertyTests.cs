using System.Globalization;
using System.Text;
using LipSol.Language.Text;

namespace LipSol.Language.Tests.Text;

/// <summary>What holds for every text, tried on random ones of the Arabic blocks (marks, presentation forms, signs and unassigned code points included).</summary>
public sealed class UrduTextPropertyTests
{
    private static readonly (int First, int Last)[] Blocks =
        [(0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x089F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF), (0x10EC0, 0x10EFF), (0x1EE00, 0x1EEFF), (0x2000, 0x206F), (0x0020, 0x007E)];

    // What an Urdu word must never hold once it's normalised, each with the reason.
    private static readonly string[] Banned = [.. "يىېكڪهەةۀ\u06CD\u06CE\u06AB\u0671\u0640\u200C\u200D\u200E\u200F\uFEFF0123456789٠١٢٣٤٥٦٧٨٩".Select(c => c.ToString())];

    [Fact]
    public void Normalising_is_idempotent_NFC_and_leaves_letters_digits_and_single_spaces_alone()
    {
        foreach (var text in Texts(30_000))
        {
            var once = UrduText.Normalise(text);
            Assert.Equal(once, UrduText.Normalise(once));
            Assert.True(once.IsNormalized(NormalizationForm.FormC), Named(text));
            Assert.DoesNotContain("  ", once);
            Assert.Equal(once.Trim(), once);
            Assert.All(Banned, letter => Assert.False(once.Contains(letter, StringComparison.Ordinal), $"{Named(text)} keeps {Named(letter)}"));
            foreach (var rune in once.EnumerateRunes().Where(r => r.Value != ' '))
            {
                Assert.True(Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.ModifierLetter
                    or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber or UnicodeCategory.OtherNotAssigned, $"{Named(text)} keeps {Named(rune.ToString())}, {Rune.GetUnicodeCategory(rune)}");
            }
        }
    }

    [Fact]
    public void Every_spelling_of_a_word_is_one_string_whatever_the_keyboard_and_the_marks()
    {
        var random = new Random(11);
        string[] words = ["کیسے", "نہیں", "یہ", "گئے", "کہاں", "نامۂ", "آپ", "لاہور", "مدرسۃ", "۱۲۳۴"];
        var other = new Dictionary<char, string[]>
        {
            ['ک'] = ["ك", "\u06AA", "\uFB8E", "\uFED9"],
            ['ی'] = ["ي", "ى", "\u06D0", "\uFBFC", "\uFEF3"],
            ['ہ'] = ["ه", "\u06D5", "\uFBA6", "\uFEE9"],
            ['گ'] = ["\u06AB", "\uFB92"],
            ['ئ'] = ["ی\u0654", "ي\u0654", "\uFE89"],
            ['ۂ'] = ["ہ\u0654", "ه\u0654", "\u06C0", "\u06D5\u0654"],
            ['آ'] = ["ا\u0653", "\uFE81"],
            ['ا'] = ["\u0671", "\uFE8D"],
            ['ۃ'] = ["ة", "\uFE93"],
            ['۱'] = ["1", "١"],
            ['۳'] = ["3", "٣"],
        };
        // Marks that readers do without; combining hamza and madd aren't among them, since they make other letters.
        string[] marks = ["\u064B", "\u064E", "\u064F", "\u0650", "\u0651", "\u0652", "\u0670", "\u0656", "\u0640", "\u200C", "\u200D", "\u200F", "\u06E1"];
        for (var n = 0; n < 20_000; n++)
        {
            var word = words[random.Next(words.Length)];
            var typed = string.Concat(word.Select(c => (other.TryGetValue(c, out var spellings) && random.Next(2) == 0 ? spellings[random.Next(spellings.Length)] : c.ToString())
                + (random.Next(3) == 0 ? marks[random.Next(marks.Length)] : "")));
            Assert.True(word == UrduText.Normalise(typed), $"{Named(typed)} is not {word}");
        }
    }

    [Fact]
    public void Words_stay_apart_and_do_not_change_each_other()
    {
        var random = new Random(12);
        var texts = Texts(6000).ToArray();
        for (var n = 0; n < texts.Length; n += 2)
        {
            var together = UrduText.Normalise(texts[n] + " " + texts[n + 1]);
            var apart = string.Join(' ', new[] { UrduText.Normalise(texts[n]), UrduText.Normalise(texts[n + 1]) }.Where(t => t.Length > 0));
            Assert.True(apart == together, $"{Named(texts[n])} and {Named(texts[n + 1])}");
        }
    }

    private static IEnumerable<string> Texts(int count)
    {
        var random = new Random(count);
        for (var n = 0; n < count; n++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 10); length > 0; length--)
            {
                // Half of the time a plain letter or a mark, so that compositions happen.
                var (first, last) = random.Next(2) == 0 ? (0x0620, 0x0660) : Blocks[random.Next(Blocks.Length)];
                text.Append(new Rune(random.Next(first, last + 1)));
            }
            yield return text.ToString();
        }
    }

    private static string Named(string text) => string.Join(' ', text.EnumerateRunes().Select(r => $"U+{r.Value:X4}"));
}
