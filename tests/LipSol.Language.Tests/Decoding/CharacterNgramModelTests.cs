using System.Security.Cryptography;
using LipSol.Language.Decoding;

namespace LipSol.Language.Tests.Decoding;

public sealed class CharacterNgramModelTests
{
    private static readonly string[] Texts = ["آپ کون", "وہ کب", "ہم کیوں", "وہ کون"];
    private static readonly Alphabet Letters = Alphabet.From([.. Texts, "غ"]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void Its_probabilities_are_Witten_and_Bells(int order)
    {
        var model = CharacterNgramModel.Train(Texts, Letters, order);
        foreach (var text in (string[])["وہ کون", "آپ غ", "غغغ", "ک", "", "کون کون کون"])
        {
            var (padded, expected) = ($"#{text}#", 0.0);
            for (var i = 1; i < padded.Length; i++) expected += Math.Log(Textbook(padded[Math.Max(0, i - order + 1)..i], padded[i]));
            Assert.Equal(expected, model.LogProbability(text), 9);
        }
    }

    [Fact]
    public void What_may_follow_sums_to_one_in_every_state()
    {
        var model = CharacterNgramModel.Train(Texts, Letters, 4);
        var (seen, open) = (new HashSet<long>(), new Stack<long>([model.Start]));
        while (open.TryPop(out var state))
        {
            if (!seen.Add(state)) continue;
            var (next_V, score_V) = (new long[Letters.Count], new double[Letters.Count]);
            model.Step(state, next_V, score_V);
            Assert.Equal(1, score_V.Sum(Math.Exp), 9);
            foreach (var next in next_V[1..]) open.Push(next);
        }
        Assert.True(seen.Count > 20);
    }

    [Fact]
    public void A_file_gives_the_same_model_and_the_same_texts_the_same_file()
    {
        var model = CharacterNgramModel.Train(Texts, Letters, 5);
        var loaded = CharacterNgramModel.Load(model.File.Span);
        Assert.Equal(model.Hash, loaded.Hash);
        Assert.Equal(model.Order, loaded.Order);
        Assert.Equal(Letters.Letters, loaded.Alphabet.Letters);
        Assert.Equal(model.LogProbability("ہم کون"), loaded.LogProbability("ہم کون"));
        Assert.Equal(model.Hash, CharacterNgramModel.Train(Texts.Reverse(), Letters, 5).Hash);
        Assert.NotEqual(model.Hash, CharacterNgramModel.Train(Texts[1..], Letters, 5).Hash);
    }

    [Fact]
    public void A_damaged_file_is_refused_wherever_the_damage_is()
    {
        var file = CharacterNgramModel.Train(Texts, Letters, 3).File.ToArray();
        for (var i = 0; i < file.Length; i++)
        {
            var damaged = file.ToArray();
            damaged[i] ^= 4;
            Assert.Throws<InvalidDataException>(() => CharacterNgramModel.Load(damaged));
            Assert.Throws<InvalidDataException>(() => CharacterNgramModel.Load(file.AsSpan(0, i)));
        }
    }

    [Fact]
    public void A_file_that_was_made_wrong_with_a_right_checksum_is_refused_or_harmless()
    {
        var file = CharacterNgramModel.Train(Texts, Letters, 3).File.ToArray();
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            var made = file.ToArray();
            made[random.Next(8, made.Length - 32)] = (byte)random.Next(256);
            SHA256.HashData(made.AsSpan(0, made.Length - 32), made.AsSpan(made.Length - 32));
            try
            {
                var model = CharacterNgramModel.Load(made);
                if (model.Alphabet.Foreign("وہ کون").Count == 0) model.LogProbability("وہ کون");
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.True(refused > 500, $"{refused} refused");
    }

    [Fact]
    public void A_newer_format_is_told_as_such()
    {
        var file = CharacterNgramModel.Train(Texts, Letters, 3).File.ToArray();
        file[8] = 2;
        SHA256.HashData(file.AsSpan(0, file.Length - 32), file.AsSpan(file.Length - 32));
        Assert.Contains("format 2", Assert.Throws<InvalidDataException>(() => CharacterNgramModel.Load(file)).Message);
    }

    [Fact]
    public void Nothing_to_count_or_letters_outside_the_alphabet_are_refused()
    {
        Assert.Throws<ArgumentException>(() => CharacterNgramModel.Train([""], Letters));
        Assert.Throws<UnusableTranscriptException>(() => CharacterNgramModel.Train(["xyz"], Letters));
    }

    // By strings and their counts, straight from the formula; # is the edge.
    private static double Textbook(string history, char next)
    {
        string[] padded = [.. Texts.Select(t => $"#{t}#")];
        var shorter = history.Length == 0 ? 1.0 / Letters.Count : Textbook(history[1..], next);
        var followers = padded.SelectMany(t => Enumerable.Range(1, t.Length - 1).Where(i => i >= history.Length && t[(i - history.Length)..i] == history).Select(i => t[i])).ToArray();
        return followers.Length == 0 ? shorter
            : (followers.Count(f => f == next) + followers.Distinct().Count() * shorter) / (followers.Length + followers.Distinct().Count());
    }
}
