namespace LipSol.Language.Decoding;

/// <summary>A finite set of rules as a deterministic automaton with flat arcs, made by the subset construction from a <see cref="LetterAutomatonBuilder"/>.</summary>
internal sealed class LetterAutomaton : ITextAutomaton
{
    private readonly int[] firstArc; // arcs of state s: firstArc[s] up to firstArc[s + 1]
    private readonly (int Letter, int Target)[] arcs;
    private readonly bool[] accepts;
    private readonly int[] lettersToEnd;

    public LetterAutomaton(IReadOnlyList<SortedDictionary<int, int>> steps, bool[] accepts)
    {
        this.accepts = accepts;
        firstArc = new int[steps.Count + 1];
        for (var s = 0; s < steps.Count; s++) firstArc[s + 1] = firstArc[s] + steps[s].Count;
        arcs = [.. steps.SelectMany(s => s.Select(arc => (arc.Key, arc.Value)))];
        lettersToEnd = Distances();
        MostLettersToEnd = lettersToEnd.Where(d => d < int.MaxValue).DefaultIfEmpty(0).Max();
    }

    public long Start => 0;

    public int MostLettersToEnd { get; }

    public int States => accepts.Length;

    public void Step(long state, Span<long> next_V, Span<double> score_V)
    {
        score_V.Fill(double.NegativeInfinity);
        if (accepts[state]) score_V[0] = 0;
        for (var a = firstArc[state]; a < firstArc[state + 1]; a++)
        {
            next_V[arcs[a].Letter] = arcs[a].Target;
            score_V[arcs[a].Letter] = 0;
        }
    }

    public int LettersToEnd(long state) => lettersToEnd[state];

    // Breadth first against the arcs, from the states where a text may end.
    private int[] Distances()
    {
        var into = new List<int>[States];
        for (var s = 0; s < States; s++) into[s] = [];
        for (var s = 0; s < States; s++)
            for (var a = firstArc[s]; a < firstArc[s + 1]; a++) into[arcs[a].Target].Add(s);
        var distance = new int[States];
        Array.Fill(distance, int.MaxValue);
        var queue = new Queue<int>();
        for (var s = 0; s < States; s++)
        {
            if (!accepts[s]) continue;
            distance[s] = 0;
            queue.Enqueue(s);
        }
        while (queue.TryDequeue(out var s))
            foreach (var before in into[s])
            {
                if (distance[before] < int.MaxValue) continue;
                distance[before] = distance[s] + 1;
                queue.Enqueue(before);
            }
        return distance;
    }
}
