using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using LipSol.Language.Lips;
using LipSol.Language.Text;

namespace LipSol.Corpus.Synthetic;

/// <summary>What decides a synthetic corpus, down to its bytes.</summary>
public sealed record SyntheticCorpusOptions
{
    // Raised when equal options give other frames than before.
    private const int Revision = 2;

    /// <summary>Twelve of the 27 words, from all six slots, no two of which share their visemes.</summary>
    public static IReadOnlyList<string> DemoWords { get; } =
        [.. "آپ میں وہ ہم کتنے کونسا ہوں جی کیوں چار پانچھ سات".Split(' ').Select(UrduText.Normalise)];

    /// <summary>Whether each take is a sentence of six words, one of each slot of <see cref="UrduLexicon.Slots"/>, rather than a word.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Sentences { get; init; }
    /// <summary>Of the speakers, and of the takes in <c>train</c> and <c>val</c>.</summary>
    public int Seed { get; init; } = 1;
    /// <summary>Of the takes in <c>test</c>: another than <see cref="Seed"/>, so that no test take is one of training's.</summary>
    public int TestSeed { get; init; } = 7919;
    /// <summary>The words; each is in <see cref="UrduLexicon"/>. Sentences have all of its words.</summary>
    public IReadOnlyList<string> Words { get; init; } = DemoWords;
    /// <summary>Speakers in all splits.</summary>
    public int SeenSpeakers { get; init; } = 4;
    /// <summary>Speakers in <c>test</c> alone.</summary>
    public int UnseenSpeakers { get; init; } = 2;
    /// <summary>Takes of each word by each seen speaker in <c>train</c>; sentences of each.</summary>
    public int TrainTakes { get; init; } = 8;
    /// <summary>Takes of each word by each seen speaker in <c>val</c>; sentences of each.</summary>
    public int ValTakes { get; init; } = 1;
    /// <summary>Takes of each word by each seen speaker in <c>test</c>; sentences of each.</summary>
    public int TestTakes { get; init; } = 2;
    /// <summary>Takes of each word by each unseen speaker in <c>test</c>; sentences of each.</summary>
    public int UnseenTakes { get; init; } = 3;
    /// <summary>Frames a second.</summary>
    public double FramesPerSecond { get; init; } = 25;
    /// <summary>Fewest frames of a clip.</summary>
    public int MinimumFrames { get; init; } = 34;
    /// <summary>Most frames of a clip.</summary>
    public int MaximumFrames { get; init; } = 38;

    /// <summary>560 sentences: 400 to learn from, 40 to choose by, 60 to read of the speakers seen and 60 of the unseen ones.</summary>
    public static SyntheticCorpusOptions OfSentences { get; } = new() { Sentences = true, TrainTakes = 100, ValTakes = 10, TestTakes = 15, UnseenTakes = 30 };

    /// <summary>MD5 over all options: equal if and only if the corpora are.</summary>
    public string Fingerprint()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Revision}|{Seed}|{TestSeed}|{string.Join(' ', Words)}|{SeenSpeakers}|{UnseenSpeakers}|")
            + string.Create(CultureInfo.InvariantCulture, $"{TrainTakes}|{ValTakes}|{TestTakes}|{UnseenTakes}|{FramesPerSecond:R}|{MinimumFrames}|{MaximumFrames}{(Sentences ? "|sentences" : "")}");
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Reads options from text: <c>seed</c>, <c>test-seed</c>, <c>words</c> (a number: the first so many of the demo's and then of the 27; or a list separated
    /// by commas or spaces; or <c>all</c>) or <c>sentences</c> (true), <c>speakers</c>, <c>unseen</c>, <c>takes</c>, <c>val-takes</c>, <c>test-takes</c>, <c>unseen-takes</c>.</summary>
    /// <exception cref="ArgumentException">An unknown option, or a value that can't be.</exception>
    public static SyntheticCorpusOptions From(IReadOnlyDictionary<string, string> options)
    {
        var sentences = options.TryGetValue("sentences", out var given) && (bool.TryParse(given, out var set) ? set : throw new ArgumentException($"sentences is '{given}'; it must be true or false."));
        if (sentences && options.ContainsKey("words")) throw new ArgumentException("Sentences have all 27 words: leave words out, or sentences.");
        var result = sentences ? OfSentences : new SyntheticCorpusOptions();
        foreach (var (key, value) in options.Where(o => o.Key != "sentences"))
        {
            result = key switch
            {
                "seed" => result with { Seed = Number(key, value, int.MinValue) },
                "test-seed" => result with { TestSeed = Number(key, value, int.MinValue) },
                "words" => result with { Words = ParseWords(value) },
                "speakers" => result with { SeenSpeakers = Number(key, value, 1) },
                "unseen" => result with { UnseenSpeakers = Number(key, value, 0) },
                "takes" => result with { TrainTakes = Number(key, value, 1) },
                "val-takes" => result with { ValTakes = Number(key, value, 0) },
                "test-takes" => result with { TestTakes = Number(key, value, 0) },
                "unseen-takes" => result with { UnseenTakes = Number(key, value, 0) },
                _ => throw new ArgumentException($"There is no option '{key}' for a synthetic corpus. There are: seed, test-seed, words, sentences, speakers, unseen, takes, val-takes, test-takes, unseen-takes."),
            };
        }
        return result.Checked();
    }

    /// <summary>Returns the options if they make a corpus.</summary>
    /// <exception cref="ArgumentException">They don't; the message says which one and why.</exception>
    public SyntheticCorpusOptions Checked()
    {
        if (Seed == TestSeed) throw new ArgumentException($"seed and test-seed are both {Seed}: the test takes must not be those of training.");
        if (Words.Count == 0) throw new ArgumentException("A synthetic corpus needs at least one word.");
        foreach (var word in Words) UrduLexicon.Pronounce(word);
        if (Words.Select(UrduText.Normalise).Distinct().Count() < Words.Count) throw new ArgumentException("A word is listed twice.");
        if (SeenSpeakers < 1 || UnseenSpeakers < 0 || TrainTakes < 1 || ValTakes < 0 || TestTakes < 0 || UnseenTakes < 0)
            throw new ArgumentException("A synthetic corpus needs at least one speaker and one training take, and no negative numbers.");
        if (!(FramesPerSecond is >= 10 and <= 60)) throw new ArgumentException("A synthetic clip has 10 to 60 frames a second.");
        if (Sentences) return this;
        var least = (int)Math.Ceiling(1.36 * FramesPerSecond); // a word, before or after the middle frame
        if (MinimumFrames < least || MaximumFrames < MinimumFrames || MaximumFrames > 1000)
            throw new ArgumentException($"A synthetic clip of {FramesPerSecond} frames a second has {least} to 1000 frames.");
        return this with { Words = [.. Words.Select(UrduText.Normalise)] };
    }

    private static string[] ParseWords(string value)
    {
        if (value == "all") return [.. UrduLexicon.Words];
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return value.Split([',', '،', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (count < 1 || count > UrduLexicon.Words.Count) throw new ArgumentException($"words is {count}; there are 1 to {UrduLexicon.Words.Count}.");
        return [.. DemoWords.Concat(UrduLexicon.Words).Distinct().Take(count)];
    }

    private static int Number(string key, string value, int least) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least ? number
            : throw new ArgumentException($"{key} is '{value}'; it must be a whole number{(least > int.MinValue ? $" of at least {least}" : "")}.");
}
