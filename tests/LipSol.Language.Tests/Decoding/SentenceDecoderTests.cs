using System.Text.Encodings.Web;
using System.Text.Json;
using LipSol.Language.Alignment;
using LipSol.Language.Decoding;
using LipSol.Language.Evaluation;

namespace LipSol.Language.Tests.Decoding;

public sealed class SentenceDecoderTests
{
    private static readonly Alphabet Urdu = Alphabet.From(Grammar.Urdu.Patterns[0].SelectMany(s => s.Words).Append(" "));
    private const string Said = "آپ کونسا ہوں نہیں کب پانچھ";

    [Theory]
    [InlineData(DecoderKind.Greedy)]
    [InlineData(DecoderKind.Beam)]
    [InlineData(DecoderKind.Lexicon)]
    [InlineData(DecoderKind.Grammar)]
    public void Every_kind_reads_a_clear_clip_and_tells_where_the_words_are(DecoderKind kind)
    {
        var (logProbs_TV, frames) = Output(Said, 0.95);
        var reading = Decoder(kind, 0.3).Decode(logProbs_TV, frames);
        Assert.Equal(Said, reading.Text);
        Assert.Equal(Said.Split(' '), reading.Words.Select(w => w.Text));
        Assert.All(reading.Words, w => Assert.InRange(w.Confidence, 0.5, 1));
        var at = 0;
        foreach (var word in reading.Words)
        {
            // Output() gives each letter one frame and a blank before it; between two words there are a blank, a space and a blank, which they share.
            var (first, last) = (2 * at + 1, 2 * (at + word.Text.Length));
            Assert.Equal((at == 0 ? first : first - 1.5, word == reading.Words[^1] ? last : last + 1.5), (word.Start, word.End));
            at += word.Text.Length + 1;
        }
        Assert.Equal(CtcAligner.Align(logProbs_TV, Urdu, Said).Words.Select(w => (w.Text, w.Start, w.End)), reading.Words.Select(w => (w.Text, w.Start, w.End)));
        Assert.Equal(reading.Text, reading.NBest[0].Text);
        Assert.Equal(kind == DecoderKind.Greedy ? 1 : 5, reading.NBest.Count);
        Assert.Equal(reading.NBest.OrderByDescending(a => a.Score), reading.NBest);
    }

    [Fact]
    public void A_doubtful_word_has_less_confidence_than_its_neighbours()
    {
        var (logProbs_TV, frames) = Output("آپ کب", 0.95);
        // The last letter could as well be ن: کن.
        var at = (2 * 4 + 1) * Urdu.Count;
        logProbs_TV[at + Urdu.Encode("ب")[0]] = MathF.Log(0.48f);
        logProbs_TV[at + Urdu.Encode("ن")[0]] = MathF.Log(0.45f);
        foreach (var kind in (DecoderKind[])[DecoderKind.Greedy, DecoderKind.Beam])
        {
            var words = SentenceDecoder.Create(new DecoderSettings { Kind = kind }, Urdu).Decode(logProbs_TV, frames).Words;
            Assert.True(words[1].Confidence < 0.6 && words[0].Confidence > 0.8, $"{kind}: {words[0].Confidence}, {words[1].Confidence}");
        }
    }

    [Fact]
    public void Confidence_of_words_is_the_share_of_all_texts_that_have_them()
    {
        // Two frames of letters with a certain space between: P(first = a) = 0.7, P(second = b) = 0.6.
        var letters = new Alphabet(["a", "b", " "]);
        float[] p = [0, 0.7f, 0.3f, 0, 0, 0, 0, 1, 0, 0.4f, 0.6f, 0];
        var reading = SentenceDecoder.Create(new DecoderSettings(), letters).Decode(p.Select(x => MathF.Log(x)).ToArray(), 3);
        Assert.Equal("a b", reading.Text);
        Assert.Equal(0.42, reading.Confidence, 5);
        Assert.Equal(0.7, reading.Words[0].Confidence, 5);
        Assert.Equal(0.6, reading.Words[1].Confidence, 5);
        Assert.Equal(["a b", "a a", "b b", "b a"], reading.NBest.Select(a => a.Text));
    }

    [Fact]
    public void Words_and_sentences_of_a_decoder_are_calibrated_by_what_it_read_on_val()
    {
        // A network that says 0.95 and is right about each letter less often: the words are read too surely.
        var random = new Random(9);
        (SentenceReading, string)[] Read(DecoderSettings settings, int count) => [.. Enumerable.Range(0, count).Select(_ =>
        {
            var said = string.Join(' ', Grammar.Urdu.Patterns[0].Select(s => s.Words[random.Next(s.Words.Count)]));
            var heard = string.Concat(said.Select(c => c != ' ' && random.NextDouble() < 0.1 ? Urdu.Letters[random.Next(1, Urdu.Letters.Count)] : c.ToString()));
            var (logProbs_TV, frames) = Output(heard, 0.9 + 0.09 * random.NextDouble());
            return (SentenceDecoder.Create(settings, Urdu).Decode(logProbs_TV, frames), said);
        })];
        double Error(DecoderSettings settings) => Calibration.Reliability(Read(settings, 60).SelectMany(r => r.Item1.Judge(r.Item2))).ExpectedError;
        var plain = new DecoderSettings { BeamWidth = 20 };
        var calibrated = plain.Calibrated(Read(plain, 60));
        var (before, after) = (Error(plain), Error(calibrated));
        Assert.True(before > 0.12 && after < before / 2, $"{before} before, {after} after");
        Assert.Throws<InvalidOperationException>(() => calibrated.Calibrated([]));
    }

    [Fact]
    public void No_alternative_is_surer_than_the_best_and_all_together_are_no_more_than_certain()
    {
        // Two frames of letters: 0.5 for the best letter, 0.4 for the next, in each.
        var letters = new Alphabet(["a", "b", "c"]);
        float[] frame = [0, 0.5f, 0.4f, 0.1f], blank = [1, 0, 0, 0];
        float[] logProbs_TV = [.. frame.Concat(blank).Concat(frame).Select(x => MathF.Log(x))];
        double[] Read(ConfidenceMapping? mapping) => [.. SentenceDecoder.Create(new DecoderSettings { SentenceConfidence = mapping, NBest = 9 }, letters).Decode(logProbs_TV, 3).NBest.Select(a => a.Confidence)];

        var raw = Read(null);
        Assert.Equal([0.25, 0.2, 0.2, 0.16, 0.05, 0.05, 0.04, 0.04, 0.01], raw.Select(c => Math.Round(c, 5)));
        // Of a val that was all right or all wrong, of a mapping that says one thing of everything, and of others.
        foreach (var mapping in (ConfidenceMapping[])[new(1, 0), new(0, 4), new(0, -4), new(1, 5), new(0.5, -3, 0.05), new(3, 2, 0.1)])
        {
            var confidences = Read(mapping);
            Assert.Equal(mapping.Map(0.25), confidences[0], 6);
            Assert.Equal(confidences.OrderDescending(), confidences);
            Assert.InRange(confidences.Sum(), 0, 1 + 1e-9);
            // Among each other they stay as likely as the decoder has them, as far as the best lets them.
            if (confidences[1] < confidences[0]) Assert.Equal(raw[1] / raw[8], confidences[1] / confidences[8], 3);
        }
    }

    [Fact]
    public void Words_are_judged_by_their_place()
    {
        var reading = new SentenceReading("a x c d", 1, [new("a", 0, 1, 0.9), new("x", 1, 2, 0.2), new("c", 2, 3, 0.8), new("d", 3, 4, 0.4)], []);
        Assert.Equal([(0.9, true), (0.2, false), (0.8, true), (0.4, false)], reading.Judge("a b c"));
        Assert.All(reading.Judge(""), j => Assert.False(j.Correct));
    }

    [Fact]
    public void A_reliability_diagram_counts_each_answer_once()
    {
        var diagram = Calibration.Reliability([(0, false), (0.5, true), (0.5, false), (0.51, true), (1, true)], 2);
        Assert.Equal([new(0, 0.5, 1 / 3.0, 1 / 3.0, 3), new ReliabilityBin(0.5, 1, 0.755, 1, 2)], diagram.Bins);
        Assert.Equal(0.245 * 2 / 5, diagram.ExpectedError, 12);
    }

    [Fact]
    public void A_language_model_decides_between_letters_that_look_the_same()
    {
        var (logProbs_TV, frames) = Output("آپ کپ", 0.5, other: "آپ کب", otherPeak: 0.45);
        var model = CharacterNgramModel.Train(["آپ کب", "وہ کب"], Urdu);
        var settings = new DecoderSettings { LanguageModelWeight = 0.5 };
        Assert.Equal("آپ کپ", SentenceDecoder.Create(settings with { LanguageModelWeight = 0 }, Urdu, model.File).Decode(logProbs_TV, frames).Text);
        Assert.Equal("آپ کب", SentenceDecoder.Create(settings, Urdu, model.File).Decode(logProbs_TV, frames).Text);
    }

    [Fact]
    public void Nothing_that_fits_is_read_as_nothing()
    {
        var reading = Decoder(DecoderKind.Grammar, 0).Decode(Output("آپ", 0.9).LogProbs_TV, 4);
        Assert.Equal(("", 0.0, 0, 0), (reading.Text, reading.Confidence, reading.Words.Count, reading.NBest.Count));
        foreach (var kind in (DecoderKind[])[DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon])
            Assert.Empty(Decoder(kind, 0).Decode([], 0).Words);
    }

    [Fact]
    public void Padding_behind_the_frames_is_not_read()
    {
        var (logProbs_TV, frames) = Output("آپ کب", 0.9);
        var padded = logProbs_TV.Concat(Enumerable.Repeat(float.NaN, 3 * Urdu.Count)).ToArray();
        Assert.Equal("آپ کب", Decoder(DecoderKind.Beam, 0).Decode(padded, frames).Text);
        Assert.Throws<ArgumentException>(() => Decoder(DecoderKind.Beam, 0).Decode(logProbs_TV, frames + 1));
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => SentenceDecoder.Create(new DecoderSettings { Kind = DecoderKind.Grammar }, Urdu));
        Assert.Throws<ArgumentException>(() => SentenceDecoder.Create(new DecoderSettings { Kind = DecoderKind.Lexicon }, Urdu));
        Assert.Throws<ArgumentException>(() => SentenceDecoder.Create(new DecoderSettings { LanguageModelWeight = 1 }, Urdu));
        var other = CharacterNgramModel.Train(["abc"], Alphabet.From(["abc"]));
        Assert.Contains("train it again", Assert.Throws<ArgumentException>(() => SentenceDecoder.Create(new DecoderSettings { LanguageModelWeight = 1 }, Urdu, other.File)).Message);
    }

    [Fact]
    public void Settings_survive_JSON()
    {
        var settings = new DecoderSettings { Kind = DecoderKind.Grammar, BeamWidth = 7, LanguageModelWeight = 0.25, LetterBonus = -0.5, NBest = 3, WordConfidence = new(0.5, -1, 0.02) };
        Assert.Equal(new ConfidenceMapping(2, 1), DecoderSettings.FromJson("{\"wordConfidence\":{\"slope\":2,\"intercept\":1}}").WordConfidence);
        Assert.Equal(settings, DecoderSettings.FromJson(settings.ToJson()));
        Assert.Contains("\"kind\": \"grammar\"", settings.ToJson());
        Assert.Equal(new DecoderSettings(), DecoderSettings.FromJson("{}"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"kind\":\"magic\"}")]
    [InlineData("{\"kind\":2}")]
    [InlineData("{\"beamWidth\":0}")]
    [InlineData("{\"beamwidht\":10}")]
    [InlineData("{\"nBest\":0}")]
    [InlineData("{\"languageModelWeight\":-1}")]
    [InlineData("{\"wordConfidence\":{\"slope\":-1,\"intercept\":0}}")]
    [InlineData("{\"wordConfidence\":{\"slope\":1,\"intercept\":0,\"lapse\":1}}")]
    public void Broken_settings_are_refused(string json) => Assert.Throws<FormatException>(() => DecoderSettings.FromJson(json));

    [Fact]
    public void Right_to_left_text_survives_JSON_escaped_or_not()
    {
        var (logProbs_TV, frames) = Output(Said, 0.95);
        var reading = Decoder(DecoderKind.Grammar, 0).Decode(logProbs_TV, frames);
        foreach (var encoder in (JavaScriptEncoder[])[JavaScriptEncoder.Default, JavaScriptEncoder.UnsafeRelaxedJsonEscaping])
        {
            var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = encoder };
            var back = JsonSerializer.Deserialize<SentenceReading>(JsonSerializer.Serialize(reading, options), options)!;
            Assert.Equal(Said, back.Text);
            Assert.Equal(reading.Words, back.Words);
            Assert.Equal(reading.NBest, back.NBest);
        }
    }

    private static SentenceDecoder Decoder(DecoderKind kind, double weight) => SentenceDecoder.Create(
        new DecoderSettings { Kind = kind, LanguageModelWeight = weight }, Urdu, CharacterNgramModel.Train([Said, "وہ کتنے ہے جی کون ایک"], Urdu).File,
        Grammar.Urdu, new Lexicon(Grammar.Urdu.Patterns[0].SelectMany(s => s.Words)));

    // A blank before each letter and after the last.
    private static (float[] LogProbs_TV, int Frames) Output(string text, double peak, string? other = null, double otherPeak = 0)
    {
        var (letters, others) = (Urdu.Encode(text), Urdu.Encode(other ?? text));
        var frames = 2 * letters.Length + 1;
        var logProbs_TV = new float[frames * Urdu.Count];
        for (var t = 0; t < frames; t++)
        {
            var (v, w) = t % 2 == 0 ? (0, 0) : (letters[t / 2], others[t / 2]);
            var rest = (1 - peak - (v == w ? 0 : otherPeak)) / (Urdu.Count - 1);
            for (var c = 0; c < Urdu.Count; c++) logProbs_TV[t * Urdu.Count + c] = MathF.Log((float)(c == v ? peak : c == w ? otherPeak : rest));
        }
        return (logProbs_TV, frames);
    }
}
