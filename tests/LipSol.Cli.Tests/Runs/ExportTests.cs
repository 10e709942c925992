using System.Globalization;
using LipSol.Cli.Tests.Programs;
using LipSol.Worker.Tests.Workers;
using Parquet;

namespace LipSol.Cli.Tests.Runs;

/// <summary><c>runs export</c>: the same table in both formats, as other programs read it.</summary>
public sealed class ExportTests(Workshop workshop) : IDisposable
{
    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task A_runs_points_are_the_same_in_csv_and_parquet()
    {
        var made = await workshop.ReadyAsync();
        string[] export = ["runs", "export", "--metrics", "--where", $"id = '{made.Run}'"];
        var rows = (await LipSolProgram.RunAsync(made.DataFolder, [.. export, "--out", scratch["points.csv"], "--json"])).With(0).Document.GetProperty("rows").GetInt64();
        (await LipSolProgram.RunAsync(made.DataFolder, [.. export, "--out", scratch["points.parquet"]])).With(0);

        var lines = await File.ReadAllLinesAsync(scratch["points.csv"]);
        Assert.Equal(rows, lines.Length - 1);
        Assert.True(rows > 0);
        var header = lines[0].Split(',');
        var values = lines.Skip(1).Select(l => double.Parse(l.Split(',')[Array.IndexOf(header, "value")], CultureInfo.InvariantCulture)).ToArray();

        await using var file = File.OpenRead(scratch["points.parquet"]);
        await using var reader = await ParquetReader.CreateAsync(file);
        Assert.Equal(header, reader.Schema.DataFields.Select(f => f.Name));
        List<double> read = [];
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            using var group = reader.OpenRowGroupReader(i);
            var column = new double?[group.RowCount];
            await group.ReadAsync<double>(reader.Schema.DataFields.Single(f => f.Name == "value"), column.AsMemory());
            read.AddRange(column.Select(v => v!.Value));
        }
        Assert.Equal(values, read);
    }
}
