using System.Runtime.InteropServices;

namespace LipSol.Language.Decoding;

/// <summary>A nondeterministic automaton under construction: places, letters from one to another, and places that are reached for free.</summary>
internal sealed class LetterAutomatonBuilder
{
    /// <summary>Slots that may stay empty can double the states each; a file that asks for more than this has no sensible grammar.</summary>
    public const int MostStates = 1_000_000;

    private readonly List<List<(int Letter, int Target)>> arcs = [];
    private readonly List<List<int>> free = [];
    private readonly HashSet<int> accepting = [];

    /// <summary>A new place; the first is the start.</summary>
    public int Place()
    {
        arcs.Add([]);
        free.Add([]);
        return arcs.Count - 1;
    }

    public void Accept(int place) => accepting.Add(place);

    public void Free(int from, int to) => free[from].Add(to);

    public void Letter(int from, int letter, int to) => arcs[from].Add((letter, to));

    /// <summary>Words between two places; words with the same beginning share it.</summary>
    public void Words(int from, IEnumerable<int[]> words, int to)
    {
        var children = new Dictionary<(int, int), int>();
        foreach (var word in words)
        {
            var place = from;
            foreach (var letter in word)
            {
                ref var child = ref CollectionsMarshal.GetValueRefOrAddDefault(children, (place, letter), out var known);
                if (!known) Letter(place, letter, child = Place());
                place = child;
            }
            if (!free[place].Contains(to)) Free(place, to);
        }
    }

    /// <summary>The deterministic automaton of the same texts (Rabin and Scott 1959).</summary>
    /// <exception cref="ArgumentException">It would have more than <see cref="MostStates"/> states.</exception>
    public LetterAutomaton Build()
    {
        var sets = new List<int[]>();
        var numbers = new Dictionary<string, int>();
        var steps = new List<SortedDictionary<int, int>>();
        Number([0]);
        for (var s = 0; s < sets.Count; s++)
            foreach (var letter in sets[s].SelectMany(p => arcs[p]).GroupBy(a => a.Letter))
            {
                var target = Number(letter.Select(a => a.Target));
                steps[s].Add(letter.Key, target);
            }
        return new LetterAutomaton(steps, [.. sets.Select(set => set.Any(accepting.Contains))]);

        int Number(IEnumerable<int> places)
        {
            var reached = new SortedSet<int>(places);
            var open = new Stack<int>(reached);
            while (open.TryPop(out var place))
                foreach (var next in free[place])
                    if (reached.Add(next)) open.Push(next);
            int[] set = [.. reached];
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, string.Join(' ', set), out var known);
            if (known) return number;
            number = sets.Count;
            if (number == MostStates) throw new ArgumentException($"This grammar or lexicon needs more than {MostStates} states: give it fewer words, or fewer slots that may stay empty.");
            sets.Add(set);
            steps.Add([]);
            return number;
        }
    }
}
