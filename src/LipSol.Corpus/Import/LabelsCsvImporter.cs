namespace LipSol.Corpus.Import;

/// <summary>Imports a folder with <c>labels.csv</c>: <c>path,speaker,split,text[,start,end]</c>; a path is a video or a folder of numbered pictures.</summary>
/// <remarks>With <c>start</c> and <c>end</c> a row is one word inside a clip, and a clip may have several rows. <c>split</c> may be left out in all rows.</remarks>
public static class LabelsCsvImporter
{
    /// <summary>Reads and checks the folder.</summary>
    /// <exception cref="CorpusProblemsException">Everything that's wrong, with its line.</exception>
    public static CorpusDraft Import(string folder, ImportOptions options)
    {
        SourceFolder.Check(folder);
        var assembly = new DraftAssembly(folder, options, language: "ur") { Importer = "folder", Attribution = null };
        if (!File.Exists(Path.Combine(folder, LabelsCsv.FileName)))
            throw new CorpusProblemsException([new CorpusProblem(LabelsCsv.FileName, null, $"does not exist in {folder}: it lists the clips as 'path,speaker,split,text'")]);
        var rows = LabelsCsv.Read(folder, assembly.Problems).Where(r => assembly.Wanted(r.Speaker));
        var found = new List<FoundClip>();
        foreach (var clip in rows.GroupBy(r => r.Path))
        {
            if (clip.All(r => r.Start is not null && r.End is not null)) found.Add(Timed(clip.Key, [.. clip.OrderBy(r => r.Start)], assembly.Problems));
            else found.AddRange(clip.Select(r => new FoundClip(r.Path, r.Speaker, r.Split, r.Text, [], LabelsCsv.FileName, r.Line) { Sha256 = r.Sha256 }));
        }
        return assembly.Finish(found);
    }

    private static FoundClip Timed(string path, LabelsRow[] rows, List<CorpusProblem> problems)
    {
        var first = rows.MinBy(r => r.Line)!;
        foreach (var row in rows)
        {
            if (row.Speaker != first.Speaker || row.Split != first.Split)
                problems.Add(new CorpusProblem(LabelsCsv.FileName, row.Line, $"{path} has another speaker or split than in line {first.Line}"));
            if (row.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length > 1)
                problems.Add(new CorpusProblem(LabelsCsv.FileName, row.Line, $"'{row.Text}' is more than one word: with start and end a row is one word of the clip"));
        }
        for (var i = 1; i < rows.Length; i++)
            if (rows[i].Start < rows[i - 1].End)
                problems.Add(new CorpusProblem(LabelsCsv.FileName, rows[i].Line, $"{path} is listed twice for the same time (line {rows[i - 1].Line})"));
        return new FoundClip(path, first.Speaker, first.Split, string.Join(' ', rows.Select(r => r.Text)),
            [.. rows.Select(r => new WordTime(r.Text, r.Start!.Value, r.End!.Value))], LabelsCsv.FileName, first.Line)
        { Sha256 = first.Sha256 };
    }
}
