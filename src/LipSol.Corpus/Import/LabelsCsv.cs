using System.Globalization;
using System.Text;
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
        if (Decoded(folder, problems) is not { } text) return rows;
        using var csv = CsvReader.FromText(text, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            TrimWhitespace = true,
            AllowLineBreaksInQuotes = false, // one quote too many must not swallow the rest of the file
            NormalizeHeaderName = name => name.Trim().ToLowerInvariant(),
            OnMalformedRecord = record => problems.Add(new CorpusProblem(FileName, null, $"record {record.RecordNumber}: a quote is not closed or not doubled")),
            MissingField = CsvMissingFieldHandling.ReturnEmpty,
        });
        csv.ReadHeader();
        var missing = new[] { "path", "speaker", "text" }.Where(name => !csv.TryGetFieldIndex(name, out _)).ToArray();
        if (missing.Length > 0)
        {
            problems.Add(new CorpusProblem(FileName, 1, $"has no column {string.Join(" and ", missing)}: the first line must be 'path,speaker,split,text' (split may be left out)"));
            return rows;
        }
        while (csv.Read()) if (Row(csv, problems) is { } row) rows.Add(row);
        return rows;
    }

    private static string? Decoded(string folder, List<CorpusProblem> problems)
    {
        try
        {
            using var reader = new StreamReader(Path.Combine(folder, FileName), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
            var text = reader.ReadToEnd();
            if (!string.IsNullOrWhiteSpace(text)) return text;
            problems.Add(new CorpusProblem(FileName, null, "is empty: the first line must be 'path,speaker,split,text'"));
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new CorpusProblem(FileName, null, "is not UTF-8: save it as 'CSV UTF-8'"));
        }
        return null;
    }

    private static LabelsRow? Row(CsvReader csv, List<CorpusProblem> problems)
    {
        var line = (int)csv.LineNumber;
        string Field(string name) => csv.TryGetFieldIndex(name, out var index) ? csv.GetString(index).Trim() : "";
        var path = Field("path");
        if (path.Length == 0)
        {
            problems.Add(new CorpusProblem(FileName, line, "has no path"));
            return null;
        }
        Split? split = Field("split").ToLowerInvariant() switch { "train" => Split.Train, "val" => Split.Val, "test" => Split.Test, _ => null };
        if (split is null && Field("split").Length > 0)
        {
            problems.Add(new CorpusProblem(FileName, line, $"'{Field("split")}' is not a split: train, val or test"));
            split = Split.Train; // told once; without a value it would count as "has no split" too
        }
        double? start = Seconds("start"), end = Seconds("end");
        if (start is null != end is null || end <= start) problems.Add(new CorpusProblem(FileName, line, "start and end must both be given, in seconds, start before end"));
        return new LabelsRow(line, Tidy(path), Field("speaker"), split, Field("text"), start, end, Field("sha256") is { Length: > 0 } sha ? sha : null);

        double? Seconds(string name)
        {
            var text = Field(name);
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
