using LipSol.Language.Decoding;

namespace LipSol.Inference;

/// <summary>A decoder was asked for that the model hasn't got; the message says what it has.</summary>
public sealed class UnavailableDecoderException : Exception
{
    private UnavailableDecoderException(string message) : base(message)
    {
    }

    internal static UnavailableDecoderException OfWords(DecoderKind asked) =>
        new($"This model reads single words, which nothing has to be decoded for: leave the decoder ({DecoderNames.Of(asked)}) out.");

    internal static UnavailableDecoderException Missing(DecoderKind asked, SentenceDecoders there)
    {
        var has = string.Join(", ", there.Kinds.Select(k => k == there.Default && there.Kinds.Count > 1 ? $"{DecoderNames.Of(k)} (the default)" : DecoderNames.Of(k)));
        var why = asked == DecoderKind.Grammar && there.Kinds.Count > 1 ? " Its corpus had no grammar." : there.Kinds.Count == 1 ? " It was made before models carried others." : "";
        return new($"This model has no decoder '{DecoderNames.Of(asked)}'. It has: {has}.{why}");
    }
}
