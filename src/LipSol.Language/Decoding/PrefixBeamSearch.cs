using System.Collections.Concurrent;

namespace LipSol.Language.Decoding;

/// <summary>A text that the beam held at the end.</summary>
/// <param name="Letters">Its classes.</param>
/// <param name="Score">Log probability of the text (all its paths that the beam kept) plus the automaton's score.</param>
public sealed record BeamHypothesis(int[] Letters, double Score);

/// <summary>Prefix beam search over CTC output (Graves 2008; Hannun et al. 2014), within what an automaton allows and prefers.</summary>
/// <remarks>
/// Keeps the best prefixes of each frame by log probability plus automaton score. Exact, scores included, where the beam is as wide as there
/// are prefixes. Safe for concurrent use; buffers are kept from call to call.
/// </remarks>
public sealed class PrefixBeamSearch
{
    private readonly ConcurrentBag<PrefixBeam> idle = [];
    private readonly ITextAutomaton automaton;
    private readonly int width;

    /// <summary>A search that keeps <paramref name="width"/> prefixes.</summary>
    public PrefixBeamSearch(int width, ITextAutomaton? automaton = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        this.width = width;
        this.automaton = automaton ?? AnyText.Instance;
    }

    /// <summary>The best texts, best first.</summary>
    /// <param name="logProbs_TV">Natural log probabilities, T frames of V classes.</param>
    /// <param name="classes">V, the blank (0) included.</param>
    /// <param name="count">At most so many. The beam holds no more than its width.</param>
    /// <returns>Empty where no text that the automaton allows is left: it doesn't fit into the frames, or has probability 0.</returns>
    /// <exception cref="ArgumentException">The values are no log probabilities of that shape.</exception>
    public IReadOnlyList<BeamHypothesis> Decode(ReadOnlySpan<float> logProbs_TV, int classes, int count = int.MaxValue)
    {
        var frames = LogProbabilities.Frames(logProbs_TV, classes);
        if (!idle.TryTake(out var beam) || beam.Classes != classes) beam = new PrefixBeam(automaton, width, classes);
        beam.Begin();
        for (var t = 0; t < frames; t++) beam.Advance(logProbs_TV.Slice(t * classes, classes), frames - 1 - t);
        var best = beam.End(count);
        idle.Add(beam);
        return best;
    }
}
