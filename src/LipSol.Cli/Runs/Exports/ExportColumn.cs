namespace LipSol.Cli.Runs.Exports;

/// <summary>What a column's values are: <see cref="string"/>, <see cref="double"/>, <see cref="long"/> or <see cref="DateTimeOffset"/>; any of them may be missing.</summary>
internal enum ColumnKind
{
    Text,
    Number,
    Whole,
    Time,
}

/// <summary>A column of an exported table.</summary>
internal sealed record ExportColumn(string Name, ColumnKind Kind);

/// <summary>Where the rows of an exported table go. Nothing but a bounded number of rows is held in memory.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>One value a column, in order; null where the row has none.</summary>
    Task WriteAsync(object?[] row, CancellationToken cancellationToken);

    /// <summary>All rows are written.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}
