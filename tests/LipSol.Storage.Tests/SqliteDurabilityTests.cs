using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;

namespace LipSol.Storage.Tests;

public sealed class SqliteDurabilityTests
{
    [Fact]
    public async Task What_was_acknowledged_outlives_the_store()
    {
        await using TemporaryDatabase database = await TemporaryDatabase.CreateAsync();
        IMetricStore store = database.OpenMetrics();
        await store.BeginEpochAsync("run", 1, CancellationToken.None);
        await store.AppendAsync("run", 1, 1, MetricStoreTests.Points("loss", 0, 5), CancellationToken.None);
        // A copy of the files as a killed process leaves them: log not written back, nothing closed.
        string copy = Path.Combine(Path.GetDirectoryName(database.Options.Path)!, "copy.db");
        foreach (string suffix in new[] { "", "-wal" }) File.Copy(database.Options.Path + suffix, copy + suffix);
        await using var after = new SqliteMetricStore(new Sqlite.SqliteDataSource(database.Options with { Path = copy }));
        Assert.Equal(5, (await after.ReadAsync("run", null, 100, CancellationToken.None)).Count);
        Assert.True((await after.AppendAsync("run", 1, 1, MetricStoreTests.Points("loss", 0, 5), CancellationToken.None)).Repeated);
    }
}
