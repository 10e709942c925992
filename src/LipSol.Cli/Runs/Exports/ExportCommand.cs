using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Runs.Exports;

/// <summary><c>runs export</c>: the history as one table.</summary>
internal static class ExportCommand
{
    private static readonly ExportColumn[] PointColumns =
        [new("run", ColumnKind.Text), new("metric", ColumnKind.Text), new("step", ColumnKind.Whole), new("value", ColumnKind.Number), new("time", ColumnKind.Time)];

    public static Command Create()
    {
        var destination = new Option<string>("--out") { Description = "The file to write. It's whole or not there at all.", HelpName = "FILE", Required = true };
        var format = new Option<string?>("--format") { Description = "csv or parquet [default: as the file's name ends].", HelpName = "csv|parquet" };
        var metrics = new Option<bool>("--metrics") { Description = "Every point of every metric, one a row (run, metric, step, value, time), instead of a row a run." };
        var search = new SearchOptions();
        return new CliCommand("export", "Write runs as a table: a row a run, with parameters, tags, metrics (last, smallest, largest) and figures as columns; or every metric point.",
                "lipsol runs export --out runs.csv", "lipsol runs export --where \"experiment = 'rates'\" --out rates.parquet", "lipsol runs export --metrics --where \"created > -7d\" --out points.parquet")
            .With([destination, format, metrics, .. search.All])
            .Does(async call =>
            {
                var path = Path.GetFullPath(call.Value(destination)!);
                var parquet = IsParquet(call.Value(format), path);
                await using var node = await NodeSession.OpenAsync(call);
                var wanted = search.Of(call);
                long rows = 0;
                var bytes = await WholeFile.WriteAsync(path, async file => rows = call.Value(metrics)
                    ? await WritePointsAsync(call, node.Client, wanted, file, parquet)
                    : await WriteRunsAsync(call, node.Client, wanted, file, parquet));
                if (call.Terminal.Json) call.Terminal.Document(new { file = path, format = parquet ? "parquet" : "csv", rows, bytes });
                else call.Terminal.Line(FormattableString.Invariant($"{rows:N0} {(call.Value(metrics) ? "points" : "runs")} → {path}, {bytes / 1e6:0.0} MB"));
                return ExitStatus.Done;
            });
    }

    private static bool IsParquet(string? format, string path) => (format ?? Path.GetExtension(path).TrimStart('.')).ToLowerInvariant() switch
    {
        "csv" => false,
        "parquet" => true,
        var other => throw new BadInputException(format is null ? $"{Path.GetFileName(path)} ends with neither .csv nor .parquet: say --format csv or --format parquet." : $"--format {other}: give csv or parquet."),
    };

    // Twice through the runs: which columns there are is known once all have been seen, and all at once may be more than fits in memory.
    private static async Task<long> WriteRunsAsync(Invocation call, LipSolClient client, SearchRuns search, Stream file, bool parquet)
    {
        using var progress = call.Terminal.Progress("looking through the runs", "runs");
        var table = new RunColumns();
        long seen = 0, written = 0;
        await foreach (var run in client.Runs.SearchAsync(search, call.Cancelled))
        {
            table.Add(run);
            progress.Report(++seen, 0);
        }
        progress.Stage("exporting", "runs");
        await using var rows = await OpenAsync(file, table.Columns(), parquet, call.Cancelled);
        await foreach (var run in client.Runs.SearchAsync(search, call.Cancelled))
        {
            await rows.WriteAsync(table.Row(run), call.Cancelled);
            progress.Report(++written, seen);
        }
        await rows.CompleteAsync(call.Cancelled);
        return written;
    }

    private static async Task<long> WritePointsAsync(Invocation call, LipSolClient client, SearchRuns search, Stream file, bool parquet)
    {
        using var progress = call.Terminal.Progress("exporting", "points");
        await using var rows = await OpenAsync(file, PointColumns, parquet, call.Cancelled);
        long written = 0;
        await foreach (var run in client.Runs.SearchAsync(search, call.Cancelled))
        {
            if (run.Metrics.Count == 0) continue;
            await foreach (var point in client.Runs.ReadPointsAsync(run.Id, cancellationToken: call.Cancelled))
            {
                await rows.WriteAsync([run.Id, point.Name, point.Step, point.Value, point.Time], call.Cancelled);
                if (++written % 1000 == 0) progress.Report(written, 0);
            }
        }
        await rows.CompleteAsync(call.Cancelled);
        return written;
    }

    private static async Task<IRowWriter> OpenAsync(Stream file, IReadOnlyList<ExportColumn> columns, bool parquet, CancellationToken cancellationToken) =>
        parquet ? await ParquetRows.CreateAsync(file, columns, cancellationToken) : new CsvRows(file, columns);
}
