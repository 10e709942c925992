using DbUp;
using LipSol.Contracts.Runs;
using LipSol.Grains.Runs.Search;
using LipSol.Storage.Metrics;
using LipSol.Storage.Sqlite;

namespace LipSol.Storage.Tests;

/// <summary>A database as LipSol left it before runs could be searched and metrics were kept in brief.</summary>
public sealed class UpgradeTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Points_that_were_written_before_have_a_history()
    {
        await using TemporaryDatabase database = Before();
        database.Query("""
            INSERT INTO MetricRun VALUES (1, 'run', 1, 1, 2), (2, 'other', 1, 1, 1);
            INSERT INTO MetricName VALUES (1, 'loss'), (2, 'wer');
            WITH RECURSIVE s(Step) AS (SELECT 0 UNION ALL SELECT Step + 1 FROM s WHERE Step < 9999)
            INSERT INTO MetricPoint SELECT r, n, Step * 40, 1, 1, CASE WHEN Step % 7 = 0 THEN NULL ELSE (Step * 7919) % 1000 / 10.0 END, Step FROM s, (SELECT 1 AS r UNION SELECT 2), (SELECT 1 AS n UNION SELECT 2);
            """);
        await database.MigrateAsync();
        // The same points, written by this version.
        SqliteMetricStore store = database.OpenMetrics();
        await store.BeginEpochAsync("now", 1, None);
        List<MetricPoint> points = await store.ReadAsync("run", "loss", 100_000, None);
        Assert.Equal(10_000, points.Count);
        await store.AppendAsync("now", 1, 1, points, None);

        const string rows = "SELECT Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last FROM MetricRollup m JOIN MetricRun r ON r.RunKey = m.RunKey WHERE r.RunId = '{0}' AND NameKey = 1 ORDER BY Level, Bucket";
        List<string> expected = database.Query(string.Format(null, rows, "now"));
        Assert.Equal(expected, database.Query(string.Format(null, rows, "run")));
        Assert.Equal(expected, database.Query(string.Format(null, rows, "other")));
        Assert.NotEmpty(expected);
        Assert.Equal((await store.SummariseAsync("now", None)).Metrics["loss"], (await store.SummariseAsync("other", None)).Metrics["loss"]);
    }

    [Fact]
    public async Task Runs_that_were_indexed_before_are_found()
    {
        await using TemporaryDatabase database = Before();
        database.Query("""
            INSERT INTO RunIndex VALUES ('old', 'rates', 5, 638000000000000000, 7,
                '{"Id":"old","Spec":{"Experiment":"rates","Name":"first","Network":"word-tcn","Corpus":"grid","DataHash":"aa","Parameters":{"learning_rate":"0.004"},"Seed":3,"Threads":0,"CodeVersion":"0.1.0","Tags":{"who":"me"},"Priority":0,"MaximumRestarts":3},"Status":5,"Reason":null,"CreatedAt":"2022-09-26T14:26:40+00:00","StartedAt":"2022-09-26T14:27:40+00:00","EndedAt":"2022-09-26T15:27:40+00:00","Epoch":1,"Node":"lab1","Metrics":{"val_wer":{"Last":0.25,"LastStep":9,"Minimum":0.2,"Maximum":"Infinity"}},"Checkpoints":[{"Artifact":"c","Step":1,"Epoch":1,"Time":"2022-09-26T15:27:40+00:00"}],"Attempts":[],"Outcome":null,"Tags":{},"Heartbeat":null,"BadInput":false}');
            """);
        for (int i = 0; i < 1200; i++)
            database.Query($$$"""INSERT INTO RunIndex SELECT 'old{{{i}}}', 'many', 0, CreatedAt + {{{i}}}, 1, json_set(Record, '$.Id', 'old{{{i}}}', '$.Spec.Experiment', 'many', '$.Status', 0) FROM RunIndex WHERE RunId = 'old'""");
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

    private static TemporaryDatabase Before()
    {
        TemporaryDatabase database = TemporaryDatabase.Empty();
        database.Source.OpenSqliteConnection().Dispose();
        var result = DeployChanges.To.SqliteDatabase(database.Source.ConnectionString)
            .WithScriptsEmbeddedInAssembly(typeof(SqliteMigrations).Assembly, name => name.Contains(".Migrations.0001-") || name.Contains(".Migrations.0002-") || name.Contains(".Migrations.0003-"))
            .WithTransactionPerScript().WithVariablesDisabled().LogToNowhere().Build().PerformUpgrade();
        Assert.True(result.Successful);
        Assert.Equal(3, result.Scripts.Count());
        return database;
    }
}
