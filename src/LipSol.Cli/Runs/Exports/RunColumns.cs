using LipSol.Client;

namespace LipSol.Cli.Runs.Exports;

/// <summary>The table of runs: their attributes, then a column for every parameter, tag, metric (last, smallest, largest) and figure (value and interval) that any of them has.</summary>
internal sealed class RunColumns
{
    private static readonly (ExportColumn Column, Func<Run, object?> Value)[] Attributes =
    [
        (new("id", ColumnKind.Text), r => r.Id), (new("name", ColumnKind.Text), r => r.Name), (new("experiment", ColumnKind.Text), r => r.Experiment),
        (new("status", ColumnKind.Text), r => RunViews.Word(r.Status)), (new("reason", ColumnKind.Text), r => r.Reason), (new("network", ColumnKind.Text), r => r.Network),
        (new("corpus", ColumnKind.Text), r => r.Corpus), (new("data_hash", ColumnKind.Text), r => r.DataHash), (new("code_version", ColumnKind.Text), r => r.CodeVersion),
        (new("seed", ColumnKind.Whole), r => r.Seed), (new("node", ColumnKind.Text), r => r.Node), (new("created", ColumnKind.Time), r => r.CreatedAt),
        (new("started", ColumnKind.Time), r => r.StartedAt), (new("ended", ColumnKind.Time), r => r.EndedAt), (new("deleted", ColumnKind.Time), r => r.DeletedAt),
    ];

    private readonly SortedSet<string> parameters = new(StringComparer.Ordinal), tags = new(StringComparer.Ordinal), metrics = new(StringComparer.Ordinal), figures = new(StringComparer.Ordinal);

    /// <summary>Takes in the names that a run brings.</summary>
    public void Add(Run run)
    {
        parameters.UnionWith(run.Parameters.Keys);
        tags.UnionWith(run.Tags.Keys);
        metrics.UnionWith(run.Metrics.Keys);
        figures.UnionWith(run.Figures.Keys);
    }

    public List<ExportColumn> Columns() =>
    [
        .. Attributes.Select(a => a.Column),
        .. parameters.Select(n => new ExportColumn("params." + n, ColumnKind.Text)),
        .. tags.Select(n => new ExportColumn("tags." + n, ColumnKind.Text)),
        .. metrics.SelectMany(n => new[] { "", ".min", ".max" }, (n, value) => new ExportColumn("metrics." + n + value, ColumnKind.Number)),
        .. figures.SelectMany(n => new[] { "", ".low", ".high" }, (n, value) => new ExportColumn("figures." + n + value, ColumnKind.Number)),
    ];

    /// <summary>The row of a run, with what there is of it.</summary>
    public object?[] Row(Run run) =>
    [
        .. Attributes.Select(a => a.Value(run)),
        .. parameters.Select(n => run.Parameters.GetValueOrDefault(n)),
        .. tags.Select(n => run.Tags.GetValueOrDefault(n)),
        .. metrics.SelectMany(n => run.Metrics.GetValueOrDefault(n) is { } m ? [m.Last, m.Minimum, m.Maximum] : new object?[3]),
        .. figures.SelectMany(n => run.Figures.GetValueOrDefault(n) is { } f ? [f.Value, f.Low, f.High] : new object?[3]),
    ];
}
