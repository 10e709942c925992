using System.Globalization;
using CsvHelper;

namespace LipSol.Corpus.Import;

/// <summary>One row of labels.csv.</summary>
internal sealed record LabelsRow(int Line, string Path, string Speaker, Split? Split, string Text, double? Start, double? End, string? Sha256);

/// <summary>Reads <c>labels.csv</c>: <c>path,speaker,split,text</c>, optionally <c>start,end</c> (seconds of one word in the clip) and <c>sha256</c>; UTF-8, with or without BOM.</summary>
internal static class LabelsCsv
{
    public const string FileName = "labels.csv";

    public static List<LabelsRow> Read(string folder, List<CorpusProblem> problems)
    {
        var rows = new List<LabelsRow>();
        using var csv = CsvTable.Open(Path.Combine(folder, FileName), "'path,speaker,split,text'", problems);
        if (csv is null) return rows;
        var missing = new[] { "path", "speaker", "text" }.Where(name => !csv.Has(name)).ToArray();
        if (missing.Length > 0)
        {
            problems.Add(new CorpusProblem(FileName, 1, $"has no column {string.Join(" and ", missing)}: the first line must be 'path,speaker,split,text' (split may be left out)"));
            return rows;
        }
        while (csv.Read()) if (Row(csv, problems) is { } row) rows.Add(row);
        return rows;
    }

    private static LabelsRow? Row(CsvReader csv, List<CorpusProblem> problems)
    {
        var line = (int)csv.LineNumber;
        var path = csv.Field("path");
        if (path.Length == 0)
        {
            problems.Add(new CorpusProblem(FileName, line, "has no path"));
            return null;
        }
        var split = csv.SplitField(FileName, problems);
        if (split is null && csv.Field("split").Length > 0) split = Split.Train; // told once; without a value it would count as "has no split" too
        double? start = Seconds("start"), end = Seconds("end");
        if (start is null != end is null || end <= start) problems.Add(new CorpusProblem(FileName, line, "start and end must both be given, in seconds, start before end"));
        return new LabelsRow(line, Tidy(path), csv.Field("speaker"), split, csv.Field("text"), start, end, csv.Field("sha256") is { Length: > 0 } sha ? sha : null);

        double? Seconds(string name)
        {
            var text = csv.Field(name);
            if (text.Length == 0) return null;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && value >= 0) return value;
            problems.Add(new CorpusProblem(FileName, line, $"{name} is '{text}', not a number of seconds"));
            return null;
        }
    }

    private static string Tidy(string path)
    {
        var tidy = path.Replace('\\', '/').TrimEnd('/');
        while (tidy.StartsWith("./", StringComparison.Ordinal)) tidy = tidy[2..].TrimStart('/');
        return tidy.Replace("/./", "/", StringComparison.Ordinal).Replace("//", "/", StringComparison.Ordinal);
    }
}
