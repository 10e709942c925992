using LipSol.Language.Alignment;
using LipSol.Language.Scoring;
using LipSol.Language.Text;

namespace LipSol.Language.Decoding;

/// <summary>Log probabilities to a reading: text, confidence, words with their frames, alternatives. Immutable, safe for concurrent use.</summary>
public sealed class SentenceDecoder
{
    private readonly DecoderSettings settings;
    private readonly PrefixBeamSearch? search;

    private SentenceDecoder(DecoderSettings settings, Alphabet alphabet, PrefixBeamSearch? search) =>
        (this.settings, Alphabet, this.search) = (settings, alphabet, search);

    /// <summary>The model's letters.</summary>
    public Alphabet Alphabet { get; }

    /// <summary>How it decodes.</summary>
    public DecoderSettings Settings => settings;

    /// <summary>A decoder by its settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="alphabet">The model's letters.</param>
    /// <param name="languageModel">A language model's file (<see cref="CharacterNgramModel.File"/>); needed where its weight isn't 0, and not read otherwise.</param>
    /// <param name="grammar">Needed by the kind <see cref="DecoderKind.Grammar"/>, and not read by the others.</param>
    /// <param name="lexicon">Needed by the kind <see cref="DecoderKind.Lexicon"/>, and not read by the others.</param>
    /// <exception cref="ArgumentException">A setting is out of range, something needed is missing, or the language model has another alphabet.</exception>
    /// <exception cref="InvalidDataException">The language model's file is damaged.</exception>
    /// <exception cref="UnusableTranscriptException">Grammar or lexicon have letters outside the alphabet.</exception>
    public static SentenceDecoder Create(DecoderSettings settings, Alphabet alphabet, ReadOnlyMemory<byte>? languageModel = null, Grammar? grammar = null, Lexicon? lexicon = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(alphabet);
        settings.Check();
        if (settings.Kind == DecoderKind.Greedy) return new SentenceDecoder(settings, alphabet, null);
        var allowed = settings.Kind switch
        {
            DecoderKind.Grammar => (grammar ?? throw new ArgumentException("Decoding with a grammar needs one.", nameof(grammar))).Automaton(alphabet),
            DecoderKind.Lexicon => (lexicon ?? throw new ArgumentException("Decoding with a lexicon needs one.", nameof(lexicon))).Automaton(alphabet),
            _ => null,
        };
        var preferred = Preference(settings, alphabet, languageModel);
        var automaton = allowed is not null && preferred is not null ? new CombinedAutomaton(allowed, preferred) : allowed ?? preferred;
        return new SentenceDecoder(settings, alphabet, new PrefixBeamSearch(settings.BeamWidth, automaton));
    }

    /// <summary>Reads a clip.</summary>
    /// <param name="logProbs_TV">Natural log probabilities; the first <paramref name="frames"/> rows are read, so that a padded batch can be passed as it is.</param>
    /// <param name="frames">T.</param>
    /// <exception cref="ArgumentException">There are fewer values, or some are no log probabilities.</exception>
    public SentenceReading Decode(ReadOnlySpan<float> logProbs_TV, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        if (logProbs_TV.Length < frames * Alphabet.Count)
            throw new ArgumentException($"{logProbs_TV.Length} log probabilities are not {frames} frames of {Alphabet.Count} classes.", nameof(logProbs_TV));
        logProbs_TV = logProbs_TV[..(frames * Alphabet.Count)];
        return search is null ? Greedy(logProbs_TV) : Beam(logProbs_TV);
    }

    private static ITextAutomaton? Preference(DecoderSettings settings, Alphabet alphabet, ReadOnlyMemory<byte>? file)
    {
        if (settings.LanguageModelWeight == 0) return settings.LetterBonus == 0 ? null : new LetterBonus(settings.LetterBonus);
        if (file is not { } bytes) throw new ArgumentException($"The language model's weight is {settings.LanguageModelWeight}, and there is no language model.", nameof(file));
        var model = CharacterNgramModel.Load(bytes.Span);
        if (!model.Alphabet.Letters.SequenceEqual(alphabet.Letters))
            throw new ArgumentException($"The language model's alphabet ({string.Join(' ', model.Alphabet.Letters)}) is not the network's ({string.Join(' ', alphabet.Letters)}); train it again with the network's.", nameof(file));
        return model.Scorer(settings.LanguageModelWeight, settings.LetterBonus);
    }

    private SentenceReading Greedy(ReadOnlySpan<float> logProbs_TV)
    {
        var (letters, score) = GreedyCtcDecoder.Decode(logProbs_TV, Alphabet.Count);
        var text = Tidy(letters);
        // One path says nothing about others; what there is of doubt is how high its letters' peaks are.
        var aligned = Align(logProbs_TV, text);
        var raw = new List<double>();
        foreach (var word in aligned?.Words ?? []) raw.Add(Peaks(logProbs_TV, word.Letters));
        var whole = Calibrated(aligned is null ? Math.Exp(score) : Peaks(logProbs_TV, aligned.Letters));
        return new SentenceReading(text, whole, Words(aligned, raw), [new ReadAlternative(text, score, whole)]);
    }

    private SentenceReading Beam(ReadOnlySpan<float> logProbs_TV)
    {
        var held = Texts(search!.Decode(logProbs_TV, Alphabet.Count));
        if (held.Length == 0) return new SentenceReading("", 0, [], []);
        var texts = held.Select(h => h.Text).ToArray();
        var sum = held.Aggregate(double.NegativeInfinity, (total, h) => LogProbabilities.Add(total, h.Score));
        var shares = held.Select(h => Math.Exp(h.Score - sum)).ToArray();
        var confidences = Confidences(shares);
        ReadAlternative[] best = [.. held.Take(settings.NBest).Select((h, i) => new ReadAlternative(texts[i], h.Score, confidences[i]))];
        return new SentenceReading(texts[0], confidences[0], Words(Align(logProbs_TV, texts[0]), WordShares(texts, shares)), best);
    }

    // The calibration is about the best text. What it leaves goes to the others as the decoder shares it among them; where that's more than the best has, some of it is left to texts that weren't held.
    private double[] Confidences(double[] shares)
    {
        var (best, others) = (Calibrated(shares[0]), shares.Skip(1).Sum());
        return [best, .. shares.Skip(1).Select(share => others > 0 ? Math.Min(best, (1 - best) * share / others) : 0)];
    }

    // A transcript has neither spaces at its edges nor two in a row, so what differs in those alone is one text, and as likely as all its spellings together.
    private (string Text, double Score)[] Texts(IReadOnlyList<BeamHypothesis> held)
    {
        var texts = new List<(string Text, double Score)>(held.Count);
        var places = new Dictionary<string, int>(held.Count, StringComparer.Ordinal);
        foreach (var (letters, score) in held)
        {
            var text = Tidy(letters);
            if (places.TryAdd(text, texts.Count)) texts.Add((text, score));
            else texts[places[text]] = (text, LogProbabilities.Add(texts[places[text]].Score, score));
        }
        return [.. texts.OrderByDescending(t => t.Score)];
    }

    private string Tidy(IEnumerable<int> letters) => string.Join(' ', Transcripts.Words(Alphabet.Decode(letters)));

    /// <summary>For each word of the first text: how much of all shares is on texts that have it in its place.</summary>
    private static double[] WordShares(string[] texts, double[] shares)
    {
        var words = Transcripts.Words(texts[0]);
        var sums = new double[words.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (shares[i] < 1e-9) break; // sorted: the rest can't change a figure
            var other = Transcripts.Words(texts[i]);
            foreach (var (a, b) in EditDistance.Align<string>(words, other))
                if (a >= 0 && b >= 0 && words[a] == other[b]) sums[a] += shares[i];
        }
        return sums;
    }

    private CtcAlignment? Align(ReadOnlySpan<float> logProbs_TV, string text) => string.IsNullOrWhiteSpace(text) ? null : CtcAligner.Align(logProbs_TV, Alphabet, text);

    private double Peaks(ReadOnlySpan<float> logProbs_TV, IEnumerable<AlignedText> letters)
    {
        var sum = 0.0;
        foreach (var letter in letters)
        {
            var v = Alphabet.Encode(letter.Text)[0];
            var peak = float.NegativeInfinity;
            for (var t = letter.Start; t < letter.End; t++) peak = Math.Max(peak, logProbs_TV[t * Alphabet.Count + v]);
            sum += peak;
        }
        return Math.Clamp(Math.Exp(sum), 0, 1);
    }

    private ReadWord[] Words(CtcAlignment? aligned, IReadOnlyList<double> raw) =>
        [.. (aligned?.Words ?? []).Select((w, i) => new ReadWord(w.Text, w.Start, w.End, settings.WordConfidence?.Map(raw[i]) ?? Math.Clamp(raw[i], 0, 1)))];

    private double Calibrated(double raw) => settings.SentenceConfidence?.Map(raw) ?? Math.Clamp(raw, 0, 1);

    private sealed class LetterBonus(double bonus) : ITextAutomaton
    {
        public long Start => 0;

        public void Step(long state, Span<long> next_V, Span<double> score_V)
        {
            next_V.Clear();
            score_V.Fill(bonus);
            score_V[0] = 0;
        }
    }
}
