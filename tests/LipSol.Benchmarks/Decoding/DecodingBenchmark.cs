using LipSol.Benchmarks.Running;
using LipSol.Language.Decoding;
using LipSol.Language.Lips;

namespace LipSol.Benchmarks.Decoding;

/// <summary>Prefix beam search with a language model over a clip of three seconds, against the textbook's with dictionaries.</summary>
internal sealed class DecodingBenchmark : IBenchmark
{
    private const int Frames = 75, Classes = 40, Width = 100, Clips = 40, ReferenceClips = 4;
    private const double Bar = 10; // ms a clip, of the issue

    public string Name => "decoding";

    public string About => "beam 100 with a letter 6-gram model over 75 frames of 40 classes, against a textbook beam with dictionaries";

    public Task<BenchmarkReport> RunAsync(BenchmarkRun run)
    {
        var random = new Random(11);
        var alphabet = MakeAlphabet();
        var sentences = Enumerable.Range(0, 3000).Select(_ => Sentence(random)).ToArray();
        var model = CharacterNgramModel.Train(sentences, alphabet);
        var scorer = model.Scorer(0.5, 0.5);
        var peaky = sentences.Take(Clips).Select(s => Output(random, alphabet.Encode(s), 0.9)).ToArray();
        var flat = sentences.Take(Clips).Select(s => Output(random, alphabet.Encode(s), 0.06)).ToArray();
        var search = new PrefixBeamSearch(Width, scorer);
        var free = new PrefixBeamSearch(Width);
        var grammar = new PrefixBeamSearch(Width, new CombinedAutomaton(Grammar.Urdu.Automaton(alphabet), scorer));
        var whole = SentenceDecoder.Create(new DecoderSettings { LanguageModelWeight = 0.5, LetterBonus = 0.5 }, alphabet, model.File);
        Check(search, scorer, peaky.Concat(flat).Where((_, i) => i % 20 == 0));

        var measured = new (string What, List<double> Ms, Action<float[]> Decode, float[][] Clips)[]
        {
            ("peaky, language model", [], x => search.Decode(x, Classes), peaky),
            ("flat, language model", [], x => search.Decode(x, Classes), flat),
            ("flat, no language model", [], x => free.Decode(x, Classes), flat),
            ("peaky, grammar and language model", [], x => grammar.Decode(x, Classes), peaky),
            ("flat, language model, with word times and confidence", [], x => whole.Decode(x, Frames), flat),
            ("reference: peaky, language model, textbook", [], x => TextbookBeam.Decode(x, Classes, Width, scorer), peaky[..ReferenceClips]),
            ("reference: flat, language model, textbook", [], x => TextbookBeam.Decode(x, Classes, Width, scorer), flat[..ReferenceClips]),
        };
        for (var i = -1; i < run.Repetitions; i++)
            foreach (var (_, ms, decode, clips) in measured)
            {
                run.CancellationToken.ThrowIfCancellationRequested();
                var rate = Statistics.Rate(() =>
                {
                    foreach (var clip in clips) decode(clip);
                    return clips.Length;
                });
                if (i >= 0) ms.Add(1000 / rate); // the first round warms the code
            }
        double Median(int a, int b) => Statistics.Median(measured[a].Ms.Zip(measured[b].Ms, (x, y) => x / y));
        return Task.FromResult(new BenchmarkReport(Name, [.. measured.Select(m => Measured.Of(m.What, m.Ms, "ms a clip"))],
        [
            new Ratio("10 ms / peaky, language model", Bar / Statistics.Median(measured[0].Ms), AtLeast: 1),
            new Ratio("10 ms / flat, language model", Bar / Statistics.Median(measured[1].Ms), AtLeast: 1),
            new Ratio("textbook / LipSol, peaky", Median(5, 0), AtLeast: 1),
            new Ratio("textbook / LipSol, flat", Median(6, 1), AtLeast: 1),
        ]));
    }

    // A benchmark of something else than the textbook's answer would be worth nothing.
    private static void Check(PrefixBeamSearch search, ITextAutomaton scorer, IEnumerable<float[]> clips)
    {
        foreach (var clip in clips)
        {
            var (letters, score) = TextbookBeam.Decode(clip, Classes, Width, scorer);
            var best = search.Decode(clip, Classes, 1)[0];
            if (!letters.SequenceEqual(best.Letters) || Math.Abs(score - best.Score) > 1e-6)
                throw new InvalidOperationException($"The two decode differently: {best.Score} and {score}.");
        }
    }

    private static Alphabet MakeAlphabet()
    {
        var letters = Alphabet.From([string.Join(' ', UrduLexicon.Words), " "]).Letters;
        return new Alphabet([.. letters.Concat(Enumerable.Range(0, 100).Select(i => ((char)('a' + i)).ToString())).Take(Classes - 1)]);
    }

    private static string Sentence(Random random) => string.Join(' ', Grammar.Urdu.Patterns[0].Select(s => s.Words[random.Next(s.Words.Count)]));

    /// <summary>Letters one after another with a blank between; of the top class's probability about <paramref name="peak"/>, the rest spread at random.</summary>
    private static float[] Output(Random random, int[] letters, double peak)
    {
        var output_TV = new float[Frames * Classes];
        for (var t = 0; t < Frames; t++)
        {
            var place = t * (2 * letters.Length + 1) / Frames;
            var top = place % 2 == 0 ? Alphabet.Blank : letters[place / 2];
            var weights = Enumerable.Range(0, Classes).Select(_ => random.NextDouble()).ToArray();
            var sum = weights.Sum();
            for (var v = 0; v < Classes; v++) output_TV[t * Classes + v] = MathF.Log((float)((1 - peak) * weights[v] / sum + (v == top ? peak : 0)));
        }
        return output_TV;
    }
}
