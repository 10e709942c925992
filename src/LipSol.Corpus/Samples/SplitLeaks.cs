namespace LipSol.Corpus.Samples;

/// <summary>Clips that stand in two splits, under whatever name: figures over them would be too good.</summary>
internal static class SplitLeaks
{
    /// <summary>What is in two splits, by the content of the recording and by that of the mouth clip (a recording that was packed anew has other bytes, but the same mouth).</summary>
    public static IEnumerable<CorpusProblem> Problems(CorpusManifest manifest)
    {
        var usable = manifest.Clips.Where(c => c is { MouthClip: not null, Refused: null }).ToArray();
        var told = new HashSet<(string, string)>();
        foreach (var copies in usable.GroupBy(c => c.ContentHash).Concat(usable.GroupBy(c => c.MouthClip!)))
        {
            var first = copies.First();
            foreach (var copy in copies.Where(c => c.Split != first.Split && told.Add((first.Id, c.Id))))
                yield return new CorpusProblem(copy.Path, null, $"is in {Name(copy.Split)}, and a copy of it, {first.Path}, in {Name(first.Split)}: keep one of the two");
        }
    }

    private static string Name(Split split) => split.ToString().ToLowerInvariant();
}
