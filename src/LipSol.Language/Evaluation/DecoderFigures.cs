using LipSol.Language.Decoding;

namespace LipSol.Language.Evaluation;

/// <summary>The figures of one model's decoders on the same samples: what a language model, a lexicon or a grammar brings.</summary>
public static class DecoderFigures
{
    private const string Scope = "decoder:";

    private static readonly string[] Kinds = [Metric.Wer, Metric.Cer, Metric.SentenceAccuracy];

    /// <summary>WER, CER and sentence accuracy with their intervals in all scopes, by the decoder's name.</summary>
    /// <param name="readings">The same samples as each decoder read them.</param>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, Figure>> Of(IEnumerable<KeyValuePair<DecoderKind, Evaluation>> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        return readings.ToDictionary(r => DecoderNames.Of(r.Key),
            r => (IReadOnlyDictionary<string, Figure>)EvaluationReport.From(r.Value).Figures.Where(f => Kinds.Contains(f.Key.Split('.')[0])).ToDictionary());
    }

    /// <summary>A figure's name where it stands among those of the default decoder: <c>wer.seen</c> of the grammar is <c>wer.decoder:grammar.seen</c>.</summary>
    public static string Name(string decoder, string figure)
    {
        ArgumentNullException.ThrowIfNull(figure);
        var dot = figure.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? $"{figure}.{Scope}{decoder}" : $"{figure[..dot]}.{Scope}{decoder}{figure[dot..]}";
    }

    /// <summary>The figures of all decoders under their names, over all samples and those of speakers seen and unseen.</summary>
    public static IEnumerable<KeyValuePair<string, Figure>> Flat(IReadOnlyDictionary<string, IReadOnlyDictionary<string, Figure>> decoders)
    {
        ArgumentNullException.ThrowIfNull(decoders);
        return from decoder in decoders
               from figure in decoder.Value
               where !figure.Key.Contains(".speaker:", StringComparison.Ordinal)
               select KeyValuePair.Create(Name(decoder.Key, figure.Key), figure.Value);
    }
}
