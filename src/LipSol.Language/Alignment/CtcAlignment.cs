namespace LipSol.Language.Alignment;

/// <summary>A letter with its frames: from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
public sealed record AlignedText(string Text, int Start, int End);

/// <summary>A word with its time.</summary>
/// <param name="Text">The word.</param>
/// <param name="Start">Where it begins, in frames.</param>
/// <param name="End">Where it ends, in frames.</param>
/// <param name="Letters">Where each of its letters is seen.</param>
public sealed record AlignedWord(string Text, double Start, double End, IReadOnlyList<AlignedText> Letters);

/// <summary>Where a text is in a clip.</summary>
/// <param name="Score">Log probability of the one path that was chosen.</param>
/// <param name="Letters">Its letters, spaces included, in the text's order; each has one frame at least, and blanks are between them.</param>
public sealed record CtcAlignment(double Score, IReadOnlyList<AlignedText> Letters)
{
    /// <summary>Its words: where they begin and end rather than where their letters are seen. A pause between two is shared, since a network writes a letter at one frame and not for as long as it's said.</summary>
    /// <remarks>The first start and the last end stay where their letters are. All word times come from here, of what is read as of what is aligned, so that they can be compared.</remarks>
    public IReadOnlyList<AlignedWord> Words { get; } = SharePauses([.. LettersOfWords(Letters)]);

    private static IEnumerable<AlignedText[]> LettersOfWords(IReadOnlyList<AlignedText> letters)
    {
        var word = new List<AlignedText>();
        foreach (var letter in letters.Append(new AlignedText(" ", 0, 0)))
        {
            if (letter.Text != " ") word.Add(letter);
            else if (word.Count > 0)
            {
                yield return [.. word];
                word.Clear();
            }
        }
    }

    private static AlignedWord[] SharePauses(AlignedText[][] words) => [.. words.Select((letters, i) => new AlignedWord(
        string.Concat(letters.Select(l => l.Text)),
        i == 0 ? letters[0].Start : (words[i - 1][^1].End + letters[0].Start) / 2.0,
        i == words.Length - 1 ? letters[^1].End : (letters[^1].End + words[i + 1][0].Start) / 2.0,
        letters))];
}
