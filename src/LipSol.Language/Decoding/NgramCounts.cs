using System.Runtime.InteropServices;

namespace LipSol.Language.Decoding;

/// <summary>How often each n-gram was seen, as a trie in breadth-first order: node i's children are <c>FirstChild[i]</c> up to <c>FirstChild[i + 1]</c>, by letter.</summary>
internal sealed record NgramCounts(Alphabet Alphabet, int Order, int[] Letter, int[] Count, int[] FirstChild)
{
    /// <summary>Counts sequences of letters, each between two edges (0).</summary>
    public static NgramCounts Of(IEnumerable<int[]> texts, Alphabet alphabet, int order)
    {
        var ids = new Dictionary<(int Parent, int Letter), int>();
        var (letter, count, children) = (new List<int> { 0 }, new List<int> { 0 }, new List<List<int>> { new() });
        foreach (var text in texts)
        {
            int[] sequence = [0, .. text, 0];
            for (var start = 0; start < sequence.Length; start++)
            {
                var node = 0;
                for (var i = start; i < Math.Min(sequence.Length, start + order); i++)
                {
                    ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, (node, sequence[i]), out var known);
                    if (!known)
                    {
                        id = letter.Count;
                        letter.Add(sequence[i]);
                        count.Add(0);
                        children.Add([]);
                        children[node].Add(id);
                    }
                    node = id;
                    if (i > 0) count[node]++; // the beginning is given, not predicted
                }
            }
        }
        if (ids.Count == 0) throw new ArgumentException("A language model needs texts to count; there were none.", nameof(texts));

        var breadthFirst = new List<int> { 0 };
        var firstChild = new int[letter.Count + 1];
        for (var i = 0; i < breadthFirst.Count; i++)
        {
            firstChild[i] = breadthFirst.Count;
            breadthFirst.AddRange(children[breadthFirst[i]].OrderBy(c => letter[c]));
        }
        firstChild[^1] = breadthFirst.Count;
        return new NgramCounts(alphabet, order, [.. breadthFirst.Select(o => letter[o])], [.. breadthFirst.Select(o => count[o])], firstChild);
    }

    public bool HasChildren(int node) => FirstChild[node + 1] > FirstChild[node];

    /// <summary>The child of a node by a letter, −1 where there is none.</summary>
    public int Child(int node, int letter)
    {
        var found = Array.BinarySearch(Letter, FirstChild[node], FirstChild[node + 1] - FirstChild[node], letter);
        return found < 0 ? -1 : found;
    }
}
