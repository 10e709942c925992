namespace LipSol.Corpus;

/// <summary>In which clips two versions of a corpus differ; by id, in ordinal order.</summary>
/// <param name="Added">Only in the later one.</param>
/// <param name="Removed">Only in the earlier one.</param>
/// <param name="Relabelled">Another transcript, other word times or another speaker.</param>
/// <param name="Moved">In another split.</param>
/// <param name="Remade">Another recording, or cropped anew.</param>
public sealed record CorpusDiff(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Relabelled, IReadOnlyList<string> Moved, IReadOnlyList<string> Remade)
{
    /// <summary>Compares.</summary>
    public static CorpusDiff Of(CorpusManifest earlier, CorpusManifest later)
    {
        var before = earlier.Clips.ToDictionary(c => c.Id);
        var after = later.Clips.ToDictionary(c => c.Id);
        return new CorpusDiff(
            Ids(after.Keys.Where(id => !before.ContainsKey(id))),
            Ids(before.Keys.Where(id => !after.ContainsKey(id))),
            Both((a, b) => a.Text != b.Text || a.Speaker != b.Speaker || !a.Words.SequenceEqual(b.Words)),
            Both((a, b) => a.Split != b.Split),
            Both((a, b) => a.ContentHash != b.ContentHash || a.MouthClip != b.MouthClip || a.Refused != b.Refused));

        string[] Both(Func<CorpusClip, CorpusClip, bool> differ) => Ids(after.Values.Where(b => before.TryGetValue(b.Id, out var a) && differ(a, b)).Select(b => b.Id));
        static string[] Ids(IEnumerable<string> ids) => [.. ids.Order(StringComparer.Ordinal)];
    }
}
