namespace LipSol.Language.Decoding;

/// <summary>What texts a decoder may write and how it likes them: a deterministic automaton over letters, each step and each end with a score.</summary>
/// <remarks>
/// Language models, lexicons and grammars are automata, and so is any two of them together (<see cref="CombinedAutomaton"/>). A state is a
/// number of the automaton's own; a text leads to one state. The decoder asks for all letters at once and asks once for every prefix it keeps.
/// Implementations are immutable and safe for concurrent use.
/// </remarks>
public interface ITextAutomaton
{
    /// <summary>The state of the empty text.</summary>
    long Start { get; }

    /// <summary>No state that the automaton can reach has its shortest ending further away than this; 0 where every prefix is a text.</summary>
    int MostLettersToEnd => 0;

    /// <summary>All steps from a state.</summary>
    /// <param name="state">Where the text stands.</param>
    /// <param name="next_V">Out: the state after each letter (class); index 0, the blank's, is not read.</param>
    /// <param name="score_V">Out: what each letter adds to the text's log score, −∞ where it isn't allowed; index 0: what ending here adds.</param>
    void Step(long state, Span<long> next_V, Span<double> score_V);

    /// <summary>A lower bound of the letters it takes from a state to the end of a text. The decoder drops what can't end in the frames left.</summary>
    int LettersToEnd(long state) => 0;
}

/// <summary>Every text is allowed and none preferred.</summary>
internal sealed class AnyText : ITextAutomaton
{
    public static readonly AnyText Instance = new();

    public long Start => 0;

    public void Step(long state, Span<long> next_V, Span<double> score_V)
    {
        next_V.Clear();
        score_V.Clear();
    }
}

/// <summary>Two automata at once: allowed is what both allow, scores add up. A lexicon or grammar with a language model.</summary>
/// <remarks>The states of both must be below 2³¹: those of <see cref="Lexicon"/>, <see cref="Grammar"/> and <see cref="CharacterNgramModel"/> are.</remarks>
public sealed class CombinedAutomaton(ITextAutomaton first, ITextAutomaton second) : ITextAutomaton
{
    /// <inheritdoc/>
    public long Start => Pack(first.Start, second.Start);

    /// <inheritdoc/>
    public int MostLettersToEnd => Math.Max(first.MostLettersToEnd, second.MostLettersToEnd);

    /// <inheritdoc/>
    public void Step(long state, Span<long> next_V, Span<double> score_V)
    {
        Span<long> other_V = next_V.Length <= 256 ? stackalloc long[next_V.Length] : new long[next_V.Length];
        Span<double> otherScore_V = score_V.Length <= 256 ? stackalloc double[score_V.Length] : new double[score_V.Length];
        first.Step(state >> 32, next_V, score_V);
        second.Step((uint)state, other_V, otherScore_V);
        for (var v = 0; v < next_V.Length; v++)
        {
            score_V[v] += otherScore_V[v];
            if (!double.IsNegativeInfinity(score_V[v])) next_V[v] = Pack(next_V[v], other_V[v]);
        }
    }

    /// <inheritdoc/>
    public int LettersToEnd(long state) => Math.Max(first.LettersToEnd(state >> 32), second.LettersToEnd((uint)state));

    private static long Pack(long a, long b) => (a << 32) | b;
}
