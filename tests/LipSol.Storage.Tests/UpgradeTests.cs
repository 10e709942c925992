using LipSol.Contracts.Runs;
using LipSol.Grains.Ports;
using LipSol.Grains.Runs.Search;

namespace LipSol.Storage.Tests;

/// <summary>A database as LipSol left it before runs could be searched and metrics were kept in brief.</summary>
public sealed class UpgradeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.PostgreSql)]
    public async Task Points_that_were_written_before_have_a_history(StorageProvider provider)
    {
        await using TemporaryDatabase database = await BeforeAsync(provider);
        bool postgres = provider == StorageProvider.PostgreSql;
        database.Query("INSERT INTO MetricRun (RunId, Epoch, Open, Cursor) VALUES ('run', 1, true, 2)");
        database.Query("INSERT INTO MetricRun (RunId, Epoch, Open, Cursor) VALUES ('other', 1, true, 1)");
        database.Query("INSERT INTO MetricName (Name) VALUES ('loss')");
        database.Query("INSERT INTO MetricName (Name) VALUES ('wer')");
        database.Query($"""
            WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < 9999)
            INSERT INTO MetricPoint (RunKey, NameKey, Step, Epoch, Cursor, Value, Time)
            SELECT RunKey, NameKey, i * 40, 1, 1, CASE WHEN i % 7 = 0 THEN {(postgres ? "'NaN'" : "NULL")} ELSE (i * 7919) % 1000 / 10.0 END, i FROM s, MetricRun, MetricName
            """);
        if (postgres) database.Query("INSERT INTO MetricSeries (RunKey, NameKey, LastStep) SELECT RunKey, NameKey, 9999 * 40 FROM MetricRun, MetricName");
        await database.MigrateAsync();
        // The same points, written by this version.
        IMetricStore store = database.OpenMetrics();
        await store.BeginEpochAsync("now", 1, None);
        List<MetricPoint> points = await store.ReadAsync("run", "loss", 100_000, None);
        Assert.Equal(10_000, points.Count);
        await store.AppendAsync("now", 1, 1, points, None);

        const string rows = "SELECT Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last FROM MetricRollup m JOIN MetricRun r ON r.RunKey = m.RunKey WHERE r.RunId = '{0}' AND NameKey = (SELECT NameKey FROM MetricName WHERE Name = 'loss') ORDER BY Level, Bucket";
        List<string> expected = database.Query(string.Format(null, rows, "now"));
        Assert.Equal(expected, database.Query(string.Format(null, rows, "run")));
        Assert.Equal(expected, database.Query(string.Format(null, rows, "other")));
        Assert.NotEmpty(expected);
        Assert.Equal((await store.SummariseAsync("now", None)).Metrics["loss"], (await store.SummariseAsync("other", None)).Metrics["loss"]);
    }

    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.PostgreSql)]
    public async Task Runs_that_were_indexed_before_are_found(StorageProvider provider)
    {
        await using TemporaryDatabase database = await BeforeAsync(provider);
        const string Record = """
            {"Id":"old","Spec":{"Experiment":"rates","Name":"first","Network":"word-tcn","Corpus":"grid","DataHash":"aa","Parameters":{"learning_rate":"0.004"},"Seed":3,"Threads":0,"CodeVersion":"0.1.0","Tags":{"who":"me"},"Priority":0,"MaximumRestarts":3},"Status":5,"Reason":null,"CreatedAt":"2022-09-26T14:26:40+00:00","StartedAt":"2022-09-26T14:27:40+00:00","EndedAt":"2022-09-26T15:27:40+00:00","Epoch":1,"Node":"lab1","Metrics":{"val_wer":{"Last":0.25,"LastStep":9,"Minimum":0.2,"Maximum":"Infinity"}},"Checkpoints":[{"Artifact":"c","Step":1,"Epoch":1,"Time":"2022-09-26T15:27:40+00:00"}],"Attempts":[],"Outcome":null,"Tags":{},"Heartbeat":null,"BadInput":false}
            """;
        const string Columns = "INSERT INTO RunIndex (RunId, Experiment, Status, CreatedAt, Revision, Record) VALUES ";
        database.Query($"{Columns} ('old', 'rates', 5, 638000000000000000, 7, '{Record}')");
        database.Query(Columns + string.Join(", ", Enumerable.Range(0, 1200).Select(i => $"('old{i}', 'many', 0, {638000000000000000 + i}, 1, '{Record.Replace("\"old\"", $"\"old{i}\"").Replace("\"rates\"", "\"many\"").Replace("\"Status\":5", "\"Status\":0")}')")));
        await database.MigrateAsync();

        RunPage page = await SearchAsync("metrics.val_wer.min < 0.21 AND metrics.val_wer.max > 1e300 AND params.learning_rate = 4e-3 AND tags.who = 'me' AND node = 'lab1' AND duration = 1h AND seed = 3 AND status = 'completed' AND created = '2022-09-26T14:26:40Z'");
        RunRecord run = Assert.Single(page.Runs);
        Assert.Equal(("old", "c"), (run.Id, Assert.Single(run.Checkpoints).Artifact));
        Assert.True(await database.Index.IsReferredToAsync("c", "another", None));
        Assert.Equal(1200, (await SearchAsync("experiment = 'many' AND params.learning_rate < 1")).Total);

        // A record that is older than what is indexed still changes nothing.
        await database.Index.PutAsync(run with { Status = RunStatus.Failed }, 6, None);
        Assert.Equal(1, (await SearchAsync("id = 'old' AND status = 'completed'")).Total);

        async Task<RunPage> SearchAsync(string where) => await database.Index.SearchAsync(RunSelections.Of(new RunSearch { Where = where, Count = true }, default), None);
    }

    private static async Task<TemporaryDatabase> BeforeAsync(StorageProvider provider)
    {
        TemporaryDatabase database = await TemporaryDatabase.EmptyAsync(provider);
        await database.MigrateAsync(script => script.StartsWith("0001-", StringComparison.Ordinal) || script.StartsWith("0002-", StringComparison.Ordinal) || script.StartsWith("0003-", StringComparison.Ordinal));
        return database;
    }
}
