namespace LipSol.Language.Decoding;

/// <summary>The decoders that a model can read with: their settings, at most one a kind, and what they decode by. What a model version stores.</summary>
public sealed record DecoderSet
{
    /// <summary>The model's letters.</summary>
    public required Alphabet Alphabet { get; init; }

    /// <summary>The settings, in the order in which they are shown.</summary>
    public required IReadOnlyList<DecoderSettings> Settings { get; init; }

    /// <summary>What reads where nobody names another.</summary>
    public required DecoderKind Default { get; init; }

    /// <summary>A language model's file, where one is used.</summary>
    public ReadOnlyMemory<byte>? LanguageModel { get; init; }

    /// <summary>Words, where there is a decoder of the kind <see cref="DecoderKind.Lexicon"/>.</summary>
    public Lexicon? Lexicon { get; init; }

    /// <summary>Sentences, where there is a decoder of the kind <see cref="DecoderKind.Grammar"/>.</summary>
    public Grammar? Grammar { get; init; }

    /// <summary>What every model of letters can do without knowing anything else.</summary>
    public static DecoderSet GreedyOnly(Alphabet alphabet) => new() { Alphabet = alphabet, Settings = [new DecoderSettings { Kind = DecoderKind.Greedy }], Default = DecoderKind.Greedy };

    /// <summary>A decoder of these settings, by what this set decodes by.</summary>
    /// <inheritdoc cref="SentenceDecoder.Create" path="/exception"/>
    public SentenceDecoder Create(DecoderSettings settings) => SentenceDecoder.Create(settings, Alphabet, LanguageModel, Grammar, Lexicon);
}

/// <summary>A set's decoders, each made once. Immutable, safe for concurrent use.</summary>
public sealed class SentenceDecoders
{
    private readonly Dictionary<DecoderKind, SentenceDecoder> decoders = [];

    /// <summary>Makes them.</summary>
    /// <exception cref="ArgumentException">Two have one kind, none is of the default kind, a setting is out of range, or something that a decoder needs is missing.</exception>
    /// <exception cref="InvalidDataException">The language model's file is damaged.</exception>
    /// <exception cref="UnusableTranscriptException">Grammar or lexicon have letters outside the alphabet.</exception>
    public SentenceDecoders(DecoderSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        foreach (var settings in set.Settings)
            if (!decoders.TryAdd(settings.Kind, set.Create(settings))) throw new ArgumentException($"There are two decoders of the kind {DecoderNames.Of(settings.Kind)}; there may be one of each.", nameof(set));
        if (!decoders.ContainsKey(set.Default)) throw new ArgumentException($"The default decoder is {DecoderNames.Of(set.Default)}, and there is none of that kind.", nameof(set));
        Kinds = [.. set.Settings.Select(s => s.Kind)];
        Default = set.Default;
    }

    /// <summary>The kinds that there are.</summary>
    public IReadOnlyList<DecoderKind> Kinds { get; }

    /// <summary>What reads where nobody names another.</summary>
    public DecoderKind Default { get; }

    /// <summary>The decoder of a kind.</summary>
    /// <exception cref="KeyNotFoundException">There is none (<see cref="Kinds"/>).</exception>
    public SentenceDecoder this[DecoderKind kind] => decoders[kind];
}
