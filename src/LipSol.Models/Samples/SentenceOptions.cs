using LipSol.Language.Decoding;
using LipSol.Models.Parameters;

namespace LipSol.Models.Samples;

/// <summary>How sentences are made into samples.</summary>
public sealed record SentenceOptions
{
    /// <summary>Epochs at the start in which clips are cut into their words; without effect where the corpus has no word times.</summary>
    [Parameter("word_epochs", "epochs of single words before phrases", Least = 0, Most = 10000)]
    public int WordEpochs { get; init; } = 5;
    /// <summary>Epochs after those in which clips are cut into phrases that get longer.</summary>
    [Parameter("phrase_epochs", "epochs of growing phrases before whole sentences", Least = 0, Most = 10000)]
    public int PhraseEpochs { get; init; } = 10;
    /// <summary>Share of clips that are cut into phrases also after that.</summary>
    [Parameter("phrases", "share of clips cut into phrases once sentences are learnt", Least = 0, Most = 1)]
    public double Phrases { get; init; } = 0.1;
    /// <summary>At each word's end: chance to go on with another clip of the speaker, from its word at the same place.</summary>
    [Parameter("splice", "at each word's end, the chance to go on with another clip of the speaker", Least = 0, Most = 1)]
    public double Splice { get; init; } = 0.2;
    /// <summary>Share of frames that are left out or come twice (LipNet's).</summary>
    [Parameter("jitter", "share of frames left out or doubled", Least = 0, Most = 0.5)]
    public double Jitter { get; init; } = 0.05;
    /// <summary>
    /// Frames before the first word and behind the last one in which letters may still be written; beyond them the network learns to write none; -1: letters may be written anywhere.
    /// Without effect where the corpus has no word times.
    /// </summary>
    /// <remarks>
    /// CTC doesn't mind when a letter is written, so a network that sees the whole clip writes the first and the last ones at the clip's edges, and word times and alignments are wrong there. Forbidding paths by known times:
    /// Sak et al. 2015, Acoustic modelling with CD-CTC-SMBR LSTM RNNs (ASRU), section 3.
    /// </remarks>
    [Parameter("slack", "frames beside the spoken words in which letters may still be written; -1: anywhere", Least = -1, Most = 1000)]
    public int Slack { get; init; } = 2;
    /// <summary>The kind of decoder that reads where nobody names another (<see cref="DecoderNames"/>).</summary>
    [Parameter(DecoderParameter, "what reads where nobody names another: greedy, beam, lexicon or grammar")]
    public string Decoder { get; init; } = DecoderNames.Of(DecoderKind.Beam);
    /// <summary>Prefixes that a beam search keeps.</summary>
    [Parameter(BeamWidthParameter, "prefixes that a beam search keeps", Least = 1, Most = 10000)]
    public int BeamWidth { get; init; } = 100;
    /// <summary>The longest n-grams of the language model.</summary>
    [Parameter(NgramOrderParameter, "the longest letter n-grams of the language model", Least = 1, Most = CharacterNgramModel.HighestOrder)]
    public int NgramOrder { get; init; } = 6;

    /// <summary>Parameters that decide nothing before the network is trained.</summary>
    internal static IReadOnlySet<string> AfterTraining { get; } = new HashSet<string> { DecoderParameter, BeamWidthParameter, NgramOrderParameter };

    internal const string DecoderParameter = "decoder";
    private const string BeamWidthParameter = "beam_width", NgramOrderParameter = "ngram_order";

    /// <summary>The kind of decoder that <see cref="Decoder"/> names.</summary>
    /// <exception cref="InvalidParameterException">There is no such kind.</exception>
    internal DecoderKind Kind() => DecoderNames.TryParse(Decoder, out var kind) ? kind
        : throw new InvalidParameterException($"Parameter '{DecoderParameter}' is '{Decoder}'; there are {string.Join(", ", DecoderNames.All)}.");
}
