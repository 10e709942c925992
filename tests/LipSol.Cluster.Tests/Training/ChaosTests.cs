using LipSol.Testing.Cluster.Chaos;

namespace LipSol.Cluster.Tests.Training;

/// <summary>Nodes, workers and the database are killed, stopped and continued at random while runs train and are read; then every promise is checked in the database.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Theory, InlineData(DatabaseKind.Sqlite, 1), InlineData(DatabaseKind.Postgres, 2), Trait("Category", "Long")]
    public async Task Whatever_happens_to_nodes_every_promise_is_kept(DatabaseKind kind, int seed)
    {
        var report = await ChaosTrial.RunAsync(new ChaosOptions { Database = kind, Seed = seed, Duration = TimeSpan.FromMinutes(3), Say = output.WriteLine }, TestContext.Current.CancellationToken);
        Assert.Empty(report.Broken);
        Assert.True(report.Runs > 0 && report.PointsSeen > 0);
        Assert.NotEmpty(report.Failovers);
        Assert.Contains("killed", report.Actions.Keys);
        Assert.True(report.Serving is { Answered: > 0, Refused: > 0 });
    }
}
