using System.Text;
using CsvHelper;

namespace LipSol.Corpus.Import;

/// <summary>Tables that people write by hand: UTF-8, with or without BOM, column names in any case; what is wrong with one is told by line.</summary>
internal static class CsvTable
{
    /// <summary>Opens a table behind its header; null where it can't be read, which is among the problems then.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">What its first line must be, in words.</param>
    /// <param name="problems">Takes what is wrong, also of records that are read later.</param>
    public static CsvReader? Open(string file, string header, List<CorpusProblem> problems)
    {
        var name = Path.GetFileName(file);
        if (Decoded(file, header, problems) is not { } text) return null;
        var csv = CsvReader.FromText(text, new CsvReaderOptions
        {
            TrackLineNumbers = true,
            TrimWhitespace = true,
            AllowLineBreaksInQuotes = false, // one quote too many must not swallow the rest of the file
            NormalizeHeaderName = column => column.Trim().ToLowerInvariant(),
            OnMalformedRecord = record => problems.Add(new CorpusProblem(name, null, $"record {record.RecordNumber}: a quote is not closed or not doubled")),
            MissingField = CsvMissingFieldHandling.ReturnEmpty,
        });
        csv.ReadHeader();
        return csv;
    }

    /// <summary>Whether there's a column of this name.</summary>
    public static bool Has(this CsvReader csv, string column) => csv.TryGetFieldIndex(column, out _);

    /// <summary>A field of the record; empty where it or its column isn't there.</summary>
    public static string Field(this CsvReader csv, string column) => csv.TryGetFieldIndex(column, out var index) ? csv.GetString(index).Trim() : "";

    /// <summary>The record's <c>split</c>; null where it's empty, or none, which is among the problems then.</summary>
    public static Split? SplitField(this CsvReader csv, string name, List<CorpusProblem> problems)
    {
        var text = csv.Field("split");
        Split? split = text.ToLowerInvariant() switch { "train" => Split.Train, "val" => Split.Val, "test" => Split.Test, _ => null };
        if (split is null && text.Length > 0) problems.Add(new CorpusProblem(name, (int)csv.LineNumber, $"'{text}' is not a split: train, val or test"));
        return split;
    }

    private static string? Decoded(string file, string header, List<CorpusProblem> problems)
    {
        var name = Path.GetFileName(file);
        try
        {
            using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
            var text = reader.ReadToEnd();
            if (!string.IsNullOrWhiteSpace(text)) return text;
            problems.Add(new CorpusProblem(name, null, $"is empty: the first line must be {header}"));
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new CorpusProblem(name, null, "is not UTF-8: save it as 'CSV UTF-8'"));
        }
        return null;
    }
}
