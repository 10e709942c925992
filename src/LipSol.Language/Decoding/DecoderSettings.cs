using System.Text.Json;
using System.Text.Json.Serialization;

namespace LipSol.Language.Decoding;

/// <summary>How log probabilities become text.</summary>
public enum DecoderKind
{
    /// <summary>The likeliest class of every frame.</summary>
    Greedy,
    /// <summary>Prefix beam search over all texts.</summary>
    Beam,
    /// <summary>Prefix beam search over sentences of a lexicon's words.</summary>
    Lexicon,
    /// <summary>Prefix beam search over a grammar's sentences.</summary>
    Grammar,
}

/// <summary>A decoder's settings, as a model version stores them.</summary>
public sealed record DecoderSettings
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The kind of decoder.</summary>
    public DecoderKind Kind { get; init; } = DecoderKind.Beam;

    /// <summary>Prefixes that a beam search keeps: 1 to 10000.</summary>
    public int BeamWidth { get; init; } = 100;

    /// <summary>How much the language model's log probabilities count beside the network's; 0 for none. With a beam of any kind.</summary>
    public double LanguageModelWeight { get; init; }

    /// <summary>Added to the score for each letter, to make up for a language model's preference for short texts.</summary>
    public double LetterBonus { get; init; }

    /// <summary>Alternatives that a reading carries, the best included.</summary>
    public int NBest { get; init; } = 5;

    /// <summary>Calibrates words' confidence; null leaves it as the decoder has it.</summary>
    public ConfidenceMapping? WordConfidence { get; init; }

    /// <summary>Calibrates sentences' confidence; null leaves it as the decoder has it.</summary>
    public ConfidenceMapping? SentenceConfidence { get; init; }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="FormatException">It isn't, has an unknown property, or a value out of range.</exception>
    public static DecoderSettings FromJson(string json)
    {
        try
        {
            var settings = JsonSerializer.Deserialize<DecoderSettings>(json, Json) ?? throw new FormatException("The decoder settings are null.");
            settings.Check();
            return settings;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new FormatException($"These are no decoder settings: {e.Message}", e);
        }
    }

    /// <summary>These settings with both mappings fitted on readings of <c>val</c>.</summary>
    /// <param name="readings">What a decoder of these settings without mappings read, and what was said, normalised.</param>
    public DecoderSettings Calibrated(IEnumerable<(SentenceReading Reading, string Reference)> readings)
    {
        if (WordConfidence is not null || SentenceConfidence is not null)
            throw new InvalidOperationException("These settings are calibrated already: read with settings that aren't, or the second mapping is fitted on top of the first.");
        var read = readings.ToArray();
        return this with
        {
            WordConfidence = ConfidenceMapping.Fit(read.SelectMany(r => r.Reading.Judge(r.Reference))),
            SentenceConfidence = ConfidenceMapping.Fit(read.Select(r => (r.Reading.Confidence, r.Reading.Text == r.Reference))),
        };
    }

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">One is; the message names it.</exception>
    public void Check()
    {
        if (!Enum.IsDefined(Kind)) throw new ArgumentException($"kind is {Kind}; there are greedy, beam, lexicon and grammar.");
        if (BeamWidth is < 1 or > 10_000) throw new ArgumentException($"beamWidth is {BeamWidth}; 1 to 10000 are possible.");
        if (NBest < 1) throw new ArgumentException($"nBest is {NBest}; at least 1 is needed.");
        if (!(LanguageModelWeight >= 0 && double.IsFinite(LanguageModelWeight))) throw new ArgumentException($"languageModelWeight is {LanguageModelWeight}; it is 0 or more.");
        if (!double.IsFinite(LetterBonus)) throw new ArgumentException($"letterBonus is {LetterBonus}.");
        foreach (var mapping in (ConfidenceMapping?[])[WordConfidence, SentenceConfidence])
            if (mapping is not null && !(mapping.Slope >= 0 && double.IsFinite(mapping.Slope) && double.IsFinite(mapping.Intercept) && mapping.Lapse is >= 0 and < 1))
                throw new ArgumentException($"A confidence mapping has slope {mapping.Slope}, intercept {mapping.Intercept} and lapse {mapping.Lapse}; the slope is 0 or more, the lapse 0 or more and below 1.");
    }
}
