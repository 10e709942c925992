using Parquet;
using Parquet.Schema;

namespace LipSol.Cli.Runs.Exports;

/// <summary>Rows as Parquet: gathered in memory until a row group is full. Times are timestamps in microseconds, UTC.</summary>
internal sealed class ParquetRows : IRowWriter
{
    /// <summary>Cells of a row group: many columns make it of fewer rows, so that memory is bounded either way.</summary>
    private const int CellsInAGroup = 1_000_000;
    private const int MostRowsInAGroup = 100_000;

    private readonly IReadOnlyList<ExportColumn> columns;
    private readonly DataField[] fields;
    private readonly ParquetWriter writer;
    private readonly List<object?[]> rows = [];
    private readonly int rowsInAGroup;

    private ParquetRows(IReadOnlyList<ExportColumn> columns, DataField[] fields, ParquetWriter writer)
    {
        (this.columns, this.fields, this.writer) = (columns, fields, writer);
        rowsInAGroup = Math.Clamp(CellsInAGroup / columns.Count, 100, MostRowsInAGroup);
    }

    public static async Task<ParquetRows> CreateAsync(Stream file, IReadOnlyList<ExportColumn> columns, CancellationToken cancellationToken)
    {
        DataField[] fields = [.. columns.Select(Field)];
        return new ParquetRows(columns, fields, await ParquetWriter.CreateAsync(new ParquetSchema(fields), file, cancellationToken: cancellationToken));
    }

    public Task WriteAsync(object?[] row, CancellationToken cancellationToken)
    {
        rows.Add(row);
        return rows.Count < rowsInAGroup ? Task.CompletedTask : FlushAsync(cancellationToken);
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (rows.Count > 0) await FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        for (var c = 0; c < columns.Count; c++)
        {
            var column = c;
            switch (columns[c].Kind)
            {
                case ColumnKind.Text: await group.WriteAsync(fields[c], rows.ConvertAll(r => (string?)r[column])!); break;
                case ColumnKind.Number: await group.WriteAsync<double>(fields[c], rows.ConvertAll(r => (double?)r[column]).ToArray(), cancellationToken: cancellationToken); break;
                case ColumnKind.Whole: await group.WriteAsync<long>(fields[c], rows.ConvertAll(r => (long?)r[column]).ToArray(), cancellationToken: cancellationToken); break;
                case ColumnKind.Time: await group.WriteAsync<DateTime>(fields[c], rows.ConvertAll(r => ((DateTimeOffset?)r[column])?.UtcDateTime).ToArray(), cancellationToken: cancellationToken); break;
            }
        }
        group.CompleteValidate();
        rows.Clear();
    }

    private static DataField Field(ExportColumn column) => column.Kind switch
    {
        ColumnKind.Text => new DataField<string>(column.Name),
        ColumnKind.Number => new DataField<double?>(column.Name),
        ColumnKind.Whole => new DataField<long?>(column.Name),
        _ => new DateTimeDataField(column.Name, DateTimeFormat.DateAndTimeMicros, isAdjustedToUTC: true, isNullable: true),
    };
}
