using LipSol.Corpus.Import;

namespace LipSol.Corpus;

/// <summary>Reads new labels of clips: <c>clip,text,split</c>; UTF-8. An empty field leaves things as they are.</summary>
internal static class ClipLabelsCsv
{
    private const string Header = "'clip,text', 'clip,split' or 'clip,text,split'";

    public static List<(int Line, string Clip, string? Text, Split? Split)> Read(string file, List<CorpusProblem> problems)
    {
        var name = Path.GetFileName(file);
        var rows = new List<(int, string, string?, Split?)>();
        using var csv = CsvTable.Open(file, Header, problems);
        if (csv is null) return rows;
        if (!csv.Has("clip") || !csv.Has("text") && !csv.Has("split"))
        {
            problems.Add(new CorpusProblem(name, 1, $"the first line must be {Header}"));
            return rows;
        }
        while (csv.Read())
        {
            var line = (int)csv.LineNumber;
            var split = csv.SplitField(name, problems);
            if (csv.Field("clip").Length == 0) problems.Add(new CorpusProblem(name, line, "names no clip"));
            else rows.Add((line, csv.Field("clip"), csv.Field("text") is { Length: > 0 } text ? text : null, split));
        }
        return rows;
    }
}
