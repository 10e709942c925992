using System.Security.Cryptography;

namespace LipSol.Language.Decoding;

/// <summary>A letter n-gram model, interpolated by Witten and Bell (1991): how likely the next letter, or the end, is after the letters before.</summary>
/// <remarks>
/// P(w | h) = (c(hw) + T(h)·P(w | h′)) / (c(h) + T(h)), with T(h) the number of different letters seen after h and h′ the history without its
/// first letter; at the bottom all letters and the end are equally likely. So every text has a probability, and they sum to 1.
/// A state is the longest history known; 0 stands for the edge of a text: its beginning in a history, its end as what follows.
/// </remarks>
public sealed class CharacterNgramModel
{
    /// <summary>The longest n-grams that are allowed.</summary>
    public const int HighestOrder = 12;

    private const int Edge = 0;
    private const int Root = 0;

    private readonly NgramCounts counts;
    private readonly int[] suffix, target;
    private readonly double[] logProbability, logBackoff;

    internal CharacterNgramModel(NgramCounts counts, byte[] file)
    {
        this.counts = counts;
        File = file;
        Hash = Convert.ToHexStringLower(SHA256.HashData(file));
        var n = counts.Letter.Length;
        (suffix, target, logProbability, logBackoff) = (new int[n], new int[n], new double[n], new double[n]);
        var (probability, depth) = (new double[n], new int[n]);
        for (var parent = 0; parent < n; parent++) // ids are breadth first: shorter histories come first
        {
            var (first, last) = (counts.FirstChild[parent], counts.FirstChild[parent + 1]);
            double types = last - first, total = 0;
            for (var child = first; child < last; child++) total += counts.Count[child];
            if (types > 0) logBackoff[parent] = Math.Log(types / (total + types));
            for (var child = first; child < last; child++)
            {
                depth[child] = depth[parent] + 1;
                suffix[child] = parent == Root ? Root : counts.Child(suffix[parent], counts.Letter[child]);
                if (suffix[child] < 0) throw new InvalidDataException("The language model is inconsistent: an n-gram's end isn't counted by itself.");
                var shorter = parent == Root ? 1.0 / counts.Alphabet.Count : probability[suffix[child]];
                probability[child] = (counts.Count[child] + types * shorter) / (total + types);
                logProbability[child] = Math.Log(probability[child]);
            }
        }
        for (var node = 1; node < n; node++)
            target[node] = depth[node] < counts.Order && counts.HasChildren(node) ? node : target[suffix[node]];
    }

    /// <summary>The letters it knows.</summary>
    public Alphabet Alphabet => counts.Alphabet;

    /// <summary>The longest n-grams counted.</summary>
    public int Order => counts.Order;

    /// <summary>SHA-256 of the file, hexadecimal: the same texts give the same hash.</summary>
    public string Hash { get; }

    /// <summary>The model as a file (see <see cref="NgramFile"/>).</summary>
    public ReadOnlyMemory<byte> File { get; }

    /// <summary>Counts the letters of (normalised) texts. Empty texts are passed over.</summary>
    /// <exception cref="ArgumentException">There are no texts.</exception>
    /// <exception cref="UnusableTranscriptException">A text has letters outside the alphabet (<see cref="Alphabet.Foreign"/> tells beforehand).</exception>
    public static CharacterNgramModel Train(IEnumerable<string> texts, Alphabet alphabet, int order = 6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, HighestOrder);
        var counts = NgramCounts.Of(texts.Where(t => t.Length > 0).Select(alphabet.Encode), alphabet, order);
        return new CharacterNgramModel(counts, NgramFile.Write(counts));
    }

    /// <summary>Reads a model's file.</summary>
    /// <exception cref="InvalidDataException">It isn't one, is damaged, or of a newer format.</exception>
    public static CharacterNgramModel Load(ReadOnlySpan<byte> file) => new(NgramFile.Read(file), file.ToArray());

    /// <summary>The natural log probability of a whole text, its end included.</summary>
    public double LogProbability(string text)
    {
        Span<long> next_V = new long[Alphabet.Count];
        Span<double> score_V = new double[Alphabet.Count];
        var (state, sum) = (Start, 0.0);
        foreach (var letter in Alphabet.Encode(text))
        {
            Step(state, next_V, score_V);
            sum += score_V[letter];
            state = next_V[letter];
        }
        Step(state, next_V, score_V);
        return sum + score_V[Edge];
    }

    /// <summary>The model as a decoder's preference.</summary>
    /// <param name="weight">Its log probabilities count so much beside the network's.</param>
    /// <param name="letterBonus">Added for each letter: a language model prefers short texts, which this makes up for.</param>
    public ITextAutomaton Scorer(double weight, double letterBonus = 0) => new WeightedNgrams(this, weight, letterBonus);

    internal long Start => Math.Max(Root, target[Math.Max(Root, counts.Child(Root, Edge))]);

    internal void Step(long state, Span<long> next_V, Span<double> score_V)
    {
        Span<int> histories = stackalloc int[HighestOrder];
        var known = 0;
        for (var history = (int)state; history != Root; history = suffix[history]) histories[known++] = history;
        next_V.Clear();
        score_V.Fill(-Math.Log(counts.Alphabet.Count) + logBackoff[Root]);
        See(Root, next_V, score_V);
        while (known-- > 0)
        {
            var backoff = logBackoff[histories[known]];
            for (var v = 0; v < score_V.Length; v++) score_V[v] += backoff;
            See(histories[known], next_V, score_V);
        }
    }

    private void See(int history, Span<long> next_V, Span<double> score_V)
    {
        for (var child = counts.FirstChild[history]; child < counts.FirstChild[history + 1]; child++)
        {
            next_V[counts.Letter[child]] = target[child];
            score_V[counts.Letter[child]] = logProbability[child];
        }
    }

    private sealed class WeightedNgrams(CharacterNgramModel model, double weight, double letterBonus) : ITextAutomaton
    {
        public long Start => model.Start;

        public void Step(long state, Span<long> next_V, Span<double> score_V)
        {
            model.Step(state, next_V, score_V);
            score_V[Edge] *= weight;
            for (var v = 1; v < score_V.Length; v++) score_V[v] = weight * score_V[v] + letterBonus;
        }
    }
}
