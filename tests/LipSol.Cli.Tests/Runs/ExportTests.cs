using System.Globalization;
using LipSol.Cli.Tests.Programs;
using CsvHelper;
using LipSol.Client;
using Parquet;

namespace LipSol.Cli.Tests.Runs;

/// <summary><c>runs export</c>: the same table in both formats, as other programs read it.</summary>
public sealed class ExportTests(Workshop workshop) : IDisposable
{
    private readonly TemporaryFolder scratch = new();

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

    [Fact]
    public async Task Texts_come_out_as_they_went_in_whatever_is_in_them()
    {
        var made = await workshop.ReadyAsync();
        Dictionary<string, string> tags = new()
        {
            ["کون, \"ثنا\""] = "آپ کا شکریہ، \"جی\"; ہاں",
            ["lines"] = "one\ntwo\r\nthree",
            ["formula"] = "=1+1",
            ["spaces"] = "  both ends  ",
            ["emoji 👄"] = "👄\t🇵🇰",
            ["nothing"] = "",
        };
        using (var client = await LipSolClient.ConnectAsync(made.DataFolder, TestContext.Current.CancellationToken))
            await client.Runs.SetTagsAsync(made.OtherRun, tags, TestContext.Current.CancellationToken);
        string[] export = ["runs", "export", "--where", $"id = '{made.OtherRun}'"];
        (await LipSolProgram.RunAsync(made.DataFolder, [.. export, "--out", scratch["runs.csv"]])).With(0);
        (await LipSolProgram.RunAsync(made.DataFolder, [.. export, "--out", scratch["runs.parquet"]])).With(0);

        using var csv = CsvReader.FromText(await File.ReadAllTextAsync(scratch["runs.csv"], TestContext.Current.CancellationToken), CsvReaderOptions.Default);
        csv.ReadHeader();
        Assert.True(csv.Read());
        await using var file = File.OpenRead(scratch["runs.parquet"]);
        await using var reader = await ParquetReader.CreateAsync(file);
        using var group = reader.OpenRowGroupReader(0);
        foreach (var (name, value) in tags)
        {
            Assert.True(csv.TryGetFieldIndex("tags." + name, out var index));
            Assert.Equal(value, csv.GetString(index));
            var column = new string?[group.RowCount];
            await group.ReadAsync(reader.Schema.DataFields.Single(f => f.Name == "tags." + name), column.AsMemory());
            Assert.Equal([value], column);
        }
        Assert.False(csv.Read());
    }
}
