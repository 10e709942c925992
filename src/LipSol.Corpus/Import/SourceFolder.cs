namespace LipSol.Corpus.Import;

/// <summary>The folder of a corpus laid out as <c>SPEAKER/video</c> and <c>SPEAKER/align</c>.</summary>
internal static class SourceFolder
{
    private static readonly string[] Videos = [".mpg", ".mpeg", ".avi", ".mp4", ".mov", ".mkv", ".webm", ".m4v"];

    public static void Check(string folder)
    {
        if (!Directory.Exists(folder)) throw new CorpusProblemsException([new CorpusProblem(folder, null, "there is no such folder")]);
    }

    /// <summary>Speakers in ordinal order with the relative paths of their videos.</summary>
    public static IEnumerable<(string Speaker, string Video)> Recordings(string folder)
    {
        foreach (var speaker in Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal))
        {
            var videos = Path.Combine(folder, speaker, "video");
            if (!Directory.Exists(videos)) continue;
            foreach (var file in Directory.EnumerateFiles(videos).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal))
                if (Videos.Contains(Path.GetExtension(file).ToLowerInvariant())) yield return (speaker, $"{speaker}/video/{file}");
        }
    }

    /// <summary>Alignments without a recording, as warnings.</summary>
    public static IEnumerable<CorpusProblem> Orphans(string folder, IEnumerable<string> usedAligns)
    {
        var used = usedAligns.ToHashSet();
        foreach (var speaker in Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal))
        {
            var aligns = Path.Combine(folder, speaker, "align");
            if (!Directory.Exists(aligns)) continue;
            foreach (var file in Directory.EnumerateFiles(aligns, "*.align").Select(f => $"{speaker}/align/{Path.GetFileName(f)}").Order(StringComparer.Ordinal))
                if (!used.Contains(file)) yield return new CorpusProblem(file, null, "has no recording: left out");
        }
    }
}
