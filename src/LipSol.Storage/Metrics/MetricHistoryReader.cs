using LipSol.Contracts.Runs;
using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Metrics;

/// <summary>Reads a metric's course for drawing. The steps asked for are narrowed to those that have points, so that the buckets are spent on them.</summary>
internal sealed class MetricHistoryReader(SqliteDataSource source)
{
    public MetricHistory Read(string runId, string name, long fromStep, long toStep, int buckets)
    {
        using SqliteConnection connection = source.OpenSqliteConnection();
        using SqliteTransaction snapshot = connection.BeginTransaction(deferred: true);
        if (Find(connection, runId, name) is not { } metric || Math.Max(fromStep, metric.First) > Math.Min(toStep, metric.Last)) return new MetricHistory(1, []);

        HistoryPlan plan = HistoryPlan.For(Math.Max(fromStep, metric.First), Math.Min(toStep, metric.Last), buckets);
        var gathered = new HistoryBuckets(plan);
        using var rollups = new SqliteStatement(connection, """
            SELECT FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last FROM MetricRollup
            WHERE RunKey = @run AND NameKey = @name AND Level = @level AND Bucket BETWEEN @first AND @last ORDER BY Bucket
            """, "@run", "@name", "@level", "@first", "@last");
        using var points = new SqliteStatement(connection, "SELECT Step, Value FROM MetricPoint WHERE RunKey = @run AND NameKey = @name AND Step BETWEEN @first AND @last ORDER BY Step",
            "@run", "@name", "@first", "@last");
        foreach (HistoryPart part in plan.Parts())
        {
            using SqliteDataReader rows = part.Level < 0 ? points.Read(metric.Run, metric.Name, part.First, part.Last) : rollups.Read(metric.Run, metric.Name, (long)part.Level, part.First, part.Last);
            while (rows.Read()) gathered.Add(part.Level < 0 ? Rollup.Of(rows.GetInt64(0), rows.IsDBNull(1) ? double.NaN : rows.GetDouble(1)) : RollupWriter.Read(rows));
        }
        return gathered.ToHistory();
    }

    private static (long Run, long Name, long First, long Last)? Find(SqliteConnection connection, string runId, string name)
    {
        using var find = new SqliteStatement(connection, """
            SELECT r.RunKey, n.NameKey, min(p.FirstStep), max(p.LastStep)
            FROM MetricRun r JOIN MetricName n JOIN MetricRollup p ON p.RunKey = r.RunKey AND p.NameKey = n.NameKey AND p.Level = @level
            WHERE r.RunId = @run AND n.Name = @name GROUP BY r.RunKey, n.NameKey
            """, "@level", "@run", "@name");
        using SqliteDataReader row = find.Read((long)RollupLevels.Coarsest, runId, name);
        return row.Read() ? (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)) : null;
    }
}
