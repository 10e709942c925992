using LipSol.Language.Text;

namespace LipSol.Language.Scoring;

/// <summary>What a reading did to its reference, counted along one least-cost alignment (<see cref="EditDistance.Align"/>); adds up over samples.</summary>
/// <param name="Hits">Read as they are.</param>
/// <param name="Substitutions">Read as something else.</param>
/// <param name="Deletions">Said and not read.</param>
/// <param name="Insertions">Read and not said.</param>
/// <remarks>
/// Their sum of errors is the distance, whatever the alignment. How it divides into the three isn't unique: where alignments cost the same, a substitution is
/// preferred to a deletion with an insertion elsewhere.
/// </remarks>
public readonly record struct EditCounts(long Hits, long Substitutions, long Deletions, long Insertions)
{
    /// <summary>All edits.</summary>
    public long Errors => Substitutions + Deletions + Insertions;

    /// <summary>The reference's length.</summary>
    public long Reference => Hits + Substitutions + Deletions;

    /// <summary>Counts over words.</summary>
    public static EditCounts OfWords(string reference, string hypothesis) => Of<string>(Transcripts.Words(reference), Transcripts.Words(hypothesis));

    /// <summary>Counts over code points, spaces included.</summary>
    public static EditCounts OfLetters(string reference, string hypothesis) => Of<int>(ErrorCounts.CodePoints(reference), ErrorCounts.CodePoints(hypothesis));

    /// <summary>Counts over any sequence.</summary>
    public static EditCounts Of<T>(ReadOnlySpan<T> reference, ReadOnlySpan<T> hypothesis) where T : IEquatable<T>
    {
        long hits = 0, substitutions = 0, deletions = 0, insertions = 0;
        foreach (var (r, h) in EditDistance.Align(reference, hypothesis))
        {
            if (h < 0) deletions++;
            else if (r < 0) insertions++;
            else if (reference[r].Equals(hypothesis[h])) hits++;
            else substitutions++;
        }
        return new EditCounts(hits, substitutions, deletions, insertions);
    }

    /// <summary>The sum.</summary>
    public static EditCounts operator +(EditCounts a, EditCounts b) =>
        new(a.Hits + b.Hits, a.Substitutions + b.Substitutions, a.Deletions + b.Deletions, a.Insertions + b.Insertions);
}
