using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>How a model of letters is decoded: settings by kind, and the files beside <c>model.onnx</c> that the decoders work by. Part of <c>model.json</c>.</summary>
public sealed record ModelDecoding
{
    /// <summary>What reads where a request names no other.</summary>
    public required DecoderKind Default { get; init; }
    /// <summary>The decoders, at most one a kind, calibrated.</summary>
    public required IReadOnlyList<DecoderSettings> Decoders { get; init; }
    /// <summary>The letter n-gram model.</summary>
    public DecodingFile? LanguageModel { get; init; }
    /// <summary>The words of the decoder <c>lexicon</c>.</summary>
    public DecodingFile? Lexicon { get; init; }
    /// <summary>The sentences of the decoder <c>grammar</c>.</summary>
    public DecodingFile? Grammar { get; init; }
}

/// <summary>A file that decoders work by.</summary>
/// <param name="Name">Its name in the model folder.</param>
/// <param name="Md5">MD5 of its bytes: one that was exchanged or cut short is refused.</param>
public sealed record DecodingFile(string Name, string Md5);
