namespace LipSol.Models.Samples;

/// <summary>The labels of the control "labels shuffled".</summary>
internal static class ShuffledLabels
{
    /// <summary>Labels that say nothing about the words: the samples of each word get all labels equally often, in random order.</summary>
    /// <remarks>
    /// A plain permutation leaves each word with some labels more often than others. The network finds those, reads most clips of a word as the same wrong word,
    /// and with few words the control's figure then scatters by several points although nothing leaks.
    /// </remarks>
    public static int[] Of(IReadOnlyList<int> labels, int classes, SeededRandom random)
    {
        var shuffled = new int[labels.Count];
        foreach (var word in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key))
        {
            var places = word.ToArray();
            random.Shuffle<int>(places);
            var order = Enumerable.Range(0, classes).ToArray();
            random.Shuffle<int>(order);
            for (var n = 0; n < places.Length; n++) shuffled[places[n]] = order[n % classes];
        }
        return shuffled;
    }

    /// <summary>The clips with each other's transcripts. Where words have times, they keep them; transcripts of other lengths take theirs along as whole sentences.</summary>
    public static IReadOnlyList<SentenceExample> Of(IReadOnlyList<SentenceExample> examples, SeededRandom random)
    {
        var order = Enumerable.Range(0, examples.Count).ToArray();
        random.Shuffle<int>(order);
        return [.. examples.Select((example, i) =>
        {
            var said = examples[order[i]];
            return example with
            {
                Text = said.Text,
                Words = said.Words.Count == example.Words.Count ? [.. example.Words.Zip(said.Words, (own, other) => own with { Text = other.Text })] : [],
            };
        })];
    }
}
