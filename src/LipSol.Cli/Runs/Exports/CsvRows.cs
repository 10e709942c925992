using System.Globalization;
using CsvHelper;

namespace LipSol.Cli.Runs.Exports;

/// <summary>Rows as CSV (RFC 4180, UTF-8): numbers in their shortest form that reads back as the same, times in ISO 8601, UTC.</summary>
internal sealed class CsvRows : IRowWriter
{
    private readonly CsvWriter csv;

    public CsvRows(Stream file, IReadOnlyList<ExportColumn> columns)
    {
        csv = CsvWriter.Create(file, CsvWriterOptions.Default, leaveOpen: true);
        foreach (var column in columns) csv.WriteField(column.Name);
        csv.EndRecord();
    }

    public async Task WriteAsync(object?[] row, CancellationToken cancellationToken)
    {
        foreach (var value in row) csv.WriteField(Text(value));
        await csv.EndRecordAsync(cancellationToken);
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => csv.FlushAsync(cancellationToken).AsTask();

    public ValueTask DisposeAsync() => csv.DisposeAsync();

    private static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"A cell can't be a {value.GetType()}."),
    };
}
