namespace LipSol.Language.Decoding;

/// <summary>A clip of <c>val</c>.</summary>
/// <param name="LogProbs_TV">The network's log probabilities.</param>
/// <param name="Said">What is said in it, normalised.</param>
public sealed record HeldOutClip(float[] LogProbs_TV, string Said);

/// <summary>How decoders are chosen.</summary>
public sealed record DecoderTuningOptions
{
    /// <summary>What reads where nobody names another.</summary>
    public DecoderKind Default { get; init; } = DecoderKind.Beam;
    /// <summary>Prefixes that a beam search keeps.</summary>
    public int BeamWidth { get; init; } = 100;
    /// <summary>The longest n-grams of the language model.</summary>
    public int NgramOrder { get; init; } = 6;
    /// <summary>Weights of the language model that are tried.</summary>
    public IReadOnlyList<double> Weights { get; init; } = [0, 0.25, 0.5, 0.75, 1, 1.5];
    /// <summary>Letter bonuses that are tried with each of them.</summary>
    public IReadOnlyList<double> Bonuses { get; init; } = [0, 0.5, 1];
    /// <summary>Clips of <c>val</c> that are tried on, evenly spread; more would take long and tell little more.</summary>
    public int MostClips { get; init; } = 100;
    /// <summary>Clips that are read at the same time.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>Makes a trained model's decoders: a language model and a lexicon from the transcripts of <c>train</c>, weights chosen and confidence calibrated on <c>val</c>.</summary>
/// <remarks>
/// <para>Weights are chosen by one rule, applied twice: what is within one standard error (over clips) of the best can't be told from it (Breiman et al. 1984, 3.4.3; Hastie, Tibshirani and Friedman 2009, 7.10). First by WER; then, of the weights that are
/// left, by log loss: −log of the share that what was said has among the texts the decoder held, which still tells weights apart where <c>val</c> is read without an error. A standard error is taken to be one word, or one clip in doubt between two texts
/// (log 2), at least: a few clips that agree are no certainty. Of what neither tells apart, the plainest is taken: the lowest weight of the language model, then the lowest bonus.</para>
/// <para>Where <c>val</c> has the sentences of <c>train</c>, the language model knows them by heart, and its weight comes out too high for others.</para>
/// <para>A clip whose text a decoder can't write (a word outside the lexicon) says nothing about its weights by its loss, and counts in the WER alone.</para>
/// <para>Choosing and calibrating see the same clips, so confidence comes out a little high where <c>val</c> is small; <c>test</c> shows by how much. It's about speakers like those of <c>val</c>: strangers are read worse than it tells.</para>
/// </remarks>
public static class DecoderTuning
{
    /// <summary>The decoders. The grammar is never the default unless it's asked for: whoever speaks freely would be read as a sentence of it.</summary>
    /// <param name="alphabet">The network's letters.</param>
    /// <param name="transcripts">What is said in <c>train</c>, normalised.</param>
    /// <param name="grammar">The sentences that the corpus has; null: any. Words with letters outside the alphabet are left out of it.</param>
    /// <param name="val">The clips to choose on; none leaves the weights at 0 and confidence as it is.</param>
    /// <param name="options">How to choose.</param>
    /// <param name="progress">Is told the share that is done.</param>
    /// <exception cref="ArgumentException">The default is of a kind that there is none of: a grammar without sentences, or an option out of range.</exception>
    public static DecoderSet Fit(Alphabet alphabet, IReadOnlyCollection<string> transcripts, Grammar? grammar, IReadOnlyList<HeldOutClip> val, DecoderTuningOptions? options = null, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(val);
        options ??= new DecoderTuningOptions();
        var writable = grammar?.Within(alphabet);
        if (options.Default == DecoderKind.Grammar && writable is null) throw new ArgumentException("The decoder can't be grammar: the corpus has no grammar whose words are written with the letters said in train.");
        var languageModel = CharacterNgramModel.Train(transcripts, alphabet, options.NgramOrder);
        var bare = new DecoderSet
        {
            Alphabet = alphabet,
            Settings = [],
            Default = options.Default,
            LanguageModel = languageModel.File,
            Lexicon = Lexicon.From(transcripts),
            Grammar = writable,
        };
        DecoderKind[] kinds = [DecoderKind.Greedy, DecoderKind.Beam, DecoderKind.Lexicon, .. writable is null ? Array.Empty<DecoderKind>() : [DecoderKind.Grammar]];
        var step = Math.Max(1, (val.Count + options.MostClips - 1) / options.MostClips);
        SaidText[] tried = [.. val.Where((_, i) => i % step == 0).Select(clip => SaidText.Of(clip, alphabet, languageModel))];
        var fitted = new List<DecoderSettings>();
        foreach (var kind in kinds)
        {
            var settings = Chosen(bare, kind, tried, options);
            fitted.Add(val.Count == 0 ? settings : settings.Calibrated(Read(bare.Create(settings), val, options.Threads).Zip(val, (reading, clip) => (reading, clip.Said))));
            progress?.Invoke((double)fitted.Count / kinds.Length);
        }
        return bare with { Settings = fitted };
    }

    /// <summary>Reads clips, several at the same time, in their order.</summary>
    public static IReadOnlyList<SentenceReading> Read(SentenceDecoder decoder, IReadOnlyList<HeldOutClip> clips, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(clips);
        var readings = new SentenceReading[clips.Count];
        Parallel.For(0, clips.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) },
            i => readings[i] = decoder.Decode(clips[i].LogProbs_TV, clips[i].LogProbs_TV.Length / decoder.Alphabet.Count));
        return readings;
    }

    private static DecoderSettings Chosen(DecoderSet bare, DecoderKind kind, IReadOnlyList<SaidText> val, DecoderTuningOptions options)
    {
        var plain = new DecoderSettings { Kind = kind, BeamWidth = options.BeamWidth };
        if (kind == DecoderKind.Greedy || val.Count == 0) return plain;
        return DecoderTrial.Choose([.. from weight in options.Weights
                                       from bonus in options.Bonuses
                                       select DecoderTrial.Of(bare, plain with { LanguageModelWeight = weight, LetterBonus = bonus }, val, options.Threads)]);
    }
}
