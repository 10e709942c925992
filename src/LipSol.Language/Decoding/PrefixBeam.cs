namespace LipSol.Language.Decoding;

/// <summary>The prefixes that a search holds, frame after frame.</summary>
/// <remarks>
/// Every prefix that ever was in the beam is a node of a trie and stays one, so that a prefix which drops out and comes back meets its
/// children again. The prefixes in the beam have a slot each, with their probabilities and their steps through the automaton. Most extensions
/// of a prefix lead to one that is not in the beam: those cost an addition and a comparison, and only the survivors become nodes.
/// </remarks>
internal sealed class PrefixBeam(ITextAutomaton automaton, int width, int classes)
{
    private const int None = -1;

    private struct Node
    {
        public int Parent, Letter, FirstChild, Sibling, Slot, LettersToEnd;
        public long State;
        public double Score; // the automaton's, of the whole prefix
    }

    private struct Slot
    {
        public int Node;
        public bool Stepped, Kept;
        public double Blank, Letter, Total; // log probability of the prefix: paths that end in blank, in its last letter, both
        public double NextBlank, NextLetter, NextTotal;
    }

    private readonly Slot[] slots = new Slot[width];
    private readonly int[] active = new int[width];
    private readonly int[] unused = new int[width];
    private readonly (int Node, double Probability)[] entering = new (int, double)[width];
    private readonly long[] next_SV = new long[width * classes];
    private readonly double[] step_SV = new double[width * classes];
    private readonly double[] extended_V = new double[classes];
    private readonly BestCandidates candidates = new(width);
    private readonly int mostLettersToEnd = automaton.MostLettersToEnd;
    private Node[] nodes = new Node[width * 16];
    private int nodeCount, activeCount, unusedCount;

    public int Classes => classes;

    public void Begin()
    {
        nodes[0] = new Node { Parent = None, FirstChild = None, Sibling = None, State = automaton.Start, LettersToEnd = automaton.LettersToEnd(automaton.Start) };
        slots[0] = new Slot { Blank = 0, Letter = double.NegativeInfinity };
        (nodeCount, activeCount, unusedCount, active[0]) = (1, 1, 0, 0);
        for (var s = width - 1; s > 0; s--) unused[unusedCount++] = s;
    }

    public void Advance(ReadOnlySpan<float> frame_V, int framesLeft)
    {
        candidates.Clear();
        for (var i = 0; i < activeCount; i++)
        {
            ref var slot = ref slots[active[i]];
            var letter = nodes[slot.Node].Letter;
            slot.Kept = false;
            slot.NextBlank = slot.Total + frame_V[Alphabet.Blank];
            slot.NextLetter = letter == Alphabet.Blank ? double.NegativeInfinity : slot.Letter + frame_V[letter];
        }
        for (var i = 0; i < activeCount; i++) Extend(active[i], frame_V, framesLeft);
        for (var i = 0; i < activeCount; i++)
        {
            ref var slot = ref slots[active[i]];
            ref readonly var node = ref nodes[slot.Node];
            slot.NextTotal = LogProbabilities.Add(slot.NextBlank, slot.NextLetter);
            if (node.LettersToEnd <= framesLeft) candidates.Offer(slot.NextTotal + node.Score, active[i], Alphabet.Blank);
        }
        Keep(candidates.Best(), frame_V);
    }

    public IReadOnlyList<BeamHypothesis> End(int count)
    {
        var ends = new List<(double Score, int Node)>(activeCount);
        for (var i = 0; i < activeCount; i++)
        {
            ref var slot = ref slots[active[i]];
            if (!slot.Stepped) Step(active[i]);
            var score = slot.Total + nodes[slot.Node].Score + step_SV[active[i] * classes];
            if (!double.IsNegativeInfinity(score)) ends.Add((score, slot.Node));
        }
        ends.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Node.CompareTo(b.Node));
        return [.. ends.Take(count).Select(e => new BeamHypothesis(Letters(e.Node), e.Score))];
    }

    /// <summary>Offers each extension of a prefix as a candidate; what leads to a prefix in the beam is added to that one instead.</summary>
    private void Extend(int s, ReadOnlySpan<float> frame_V, int framesLeft)
    {
        ref var slot = ref slots[s];
        if (!slot.Stepped) Step(s);
        ref readonly var node = ref nodes[slot.Node];
        var step_V = step_SV.AsSpan(s * classes, classes);
        var extended = extended_V.AsSpan(0, step_V.Length);
        frame_V = frame_V[..step_V.Length];
        var before = slot.Total + node.Score;
        for (var v = 1; v < extended.Length; v++) extended[v] = before + frame_V[v] + step_V[v];
        // The last letter again is a new letter only after a blank.
        if (node.Letter != Alphabet.Blank) extended[node.Letter] = slot.Blank + node.Score + frame_V[node.Letter] + step_V[node.Letter];
        for (var child = node.FirstChild; child != None; child = nodes[child].Sibling)
        {
            var letter = nodes[child].Letter;
            if (nodes[child].Slot == None) continue;
            ref var into = ref slots[nodes[child].Slot];
            into.NextLetter = LogProbabilities.Add(into.NextLetter, (letter == node.Letter ? slot.Blank : slot.Total) + frame_V[letter]);
            extended[letter] = double.NegativeInfinity;
        }
        if (framesLeft < mostLettersToEnd)
            for (var v = 1; v < extended.Length; v++)
                if (!double.IsNegativeInfinity(extended[v]) && automaton.LettersToEnd(next_SV[s * classes + v]) > framesLeft) extended[v] = double.NegativeInfinity;
        candidates.OfferAll(extended, s);
    }

    private void Step(int s)
    {
        automaton.Step(nodes[slots[s].Node].State, next_SV.AsSpan(s * classes, classes), step_SV.AsSpan(s * classes, classes));
        slots[s].Stepped = true;
    }

    private void Keep(ReadOnlySpan<Candidate> best, ReadOnlySpan<float> frame_V)
    {
        // Nodes first: they read slots that are given away below.
        var enteringCount = 0;
        foreach (var (_, s, letter) in best)
        {
            ref var slot = ref slots[s];
            if (letter == Alphabet.Blank) slot.Kept = true;
            else entering[enteringCount++] = (Child(s, letter), (letter == nodes[slot.Node].Letter ? slot.Blank : slot.Total) + frame_V[letter]);
        }
        var kept = 0;
        for (var i = 0; i < activeCount; i++)
        {
            ref var slot = ref slots[active[i]];
            if (slot.Kept)
            {
                (slot.Blank, slot.Letter, slot.Total) = (slot.NextBlank, slot.NextLetter, slot.NextTotal);
                active[kept++] = active[i];
                continue;
            }
            nodes[slot.Node].Slot = None;
            unused[unusedCount++] = active[i];
        }
        foreach (var (node, probability) in entering.AsSpan(0, enteringCount))
        {
            var s = unused[--unusedCount];
            slots[s] = new Slot { Node = node, Blank = double.NegativeInfinity, Letter = probability, Total = probability };
            nodes[node].Slot = s;
            active[kept++] = s;
        }
        activeCount = kept;
    }

    private int Child(int s, int letter)
    {
        var parent = slots[s].Node;
        for (var child = nodes[parent].FirstChild; child != None; child = nodes[child].Sibling)
            if (nodes[child].Letter == letter) return child;
        if (nodeCount == nodes.Length) Array.Resize(ref nodes, nodes.Length * 2);
        var state = next_SV[s * classes + letter];
        nodes[nodeCount] = new Node
        {
            Parent = parent,
            Letter = letter,
            FirstChild = None,
            Sibling = nodes[parent].FirstChild,
            Slot = None,
            State = state,
            LettersToEnd = mostLettersToEnd == 0 ? 0 : automaton.LettersToEnd(state),
            Score = nodes[parent].Score + step_SV[s * classes + letter],
        };
        return nodes[parent].FirstChild = nodeCount++;
    }

    private int[] Letters(int node)
    {
        var letters = new List<int>();
        for (; nodes[node].Parent != None; node = nodes[node].Parent) letters.Add(nodes[node].Letter);
        letters.Reverse();
        return [.. letters];
    }
}
