using LipSol.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace LipSol.Storage.Metrics;

/// <summary>Keeps a metric's points in brief, within the transaction that writes them.</summary>
internal sealed class RollupWriter
{
    private const string Columns = "RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last";
    private const string Values = "@run, @name, @level, @bucket, @first, @lastStep, @points, @nans, @minimum, @maximum, @last";
    private static readonly string[] Names = Values.Split(", ");

    private readonly SqliteStatement _add, _set, _points, _below;

    public RollupWriter(SqliteConnection connection)
    {
        // The points added come behind all that are there.
        _add = new(connection, $"""
            INSERT INTO MetricRollup ({Columns}) VALUES ({Values})
            ON CONFLICT DO UPDATE SET LastStep = excluded.LastStep, Last = excluded.Last, Points = Points + excluded.Points, NotNumbers = NotNumbers + excluded.NotNumbers,
                Minimum = CASE WHEN Minimum IS NULL OR excluded.Minimum < Minimum THEN excluded.Minimum ELSE Minimum END,
                Maximum = CASE WHEN Maximum IS NULL OR excluded.Maximum > Maximum THEN excluded.Maximum ELSE Maximum END
            """, Names);
        _set = new(connection, $"INSERT OR REPLACE INTO MetricRollup ({Columns}) VALUES ({Values})", Names);
        _points = new(connection, "SELECT Step, Value FROM MetricPoint WHERE RunKey = @run AND NameKey = @name AND Step BETWEEN @from AND @to", "@run", "@name", "@from", "@to");
        _below = new(connection, $"""
            SELECT FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last
            FROM MetricRollup WHERE RunKey = @run AND NameKey = @name AND Level = @level AND Bucket BETWEEN @from AND @to
            """, "@run", "@name", "@level", "@from", "@to");
    }

    /// <summary>Writes what was gathered of a metric: adds it to what is there, or makes the buckets anew.</summary>
    public void Write(long run, long name, GatheredRollups gathered)
    {
        for (int level = 0; level <= RollupLevels.Coarsest; level++)
        {
            if (!gathered.Anew)
            {
                foreach ((long bucket, Rollup rollup) in gathered[level]) Write(_add, run, name, level, bucket, rollup);
                continue;
            }
            // The finest from the points as they are now in the table, each level from the one below.
            foreach (long bucket in gathered[level].Select(b => b.Bucket).Distinct())
            {
                long from = bucket << RollupLevels.Shift, to = from + (1L << RollupLevels.Shift) - 1;
                Write(_set, run, name, level, bucket, level == 0 ? OfPoints(run, name, from, to) : OfBelow(run, name, level - 1, from, to));
            }
        }
    }

    private Rollup OfPoints(long run, long name, long from, long to)
    {
        Rollup sum = Rollup.Empty;
        using SqliteDataReader points = _points.Read(run, name, from, to);
        while (points.Read()) sum.Add(Rollup.Of(points.GetInt64(0), points.IsDBNull(1) ? double.NaN : points.GetDouble(1)));
        return sum;
    }

    private Rollup OfBelow(long run, long name, int level, long from, long to)
    {
        Rollup sum = Rollup.Empty;
        using SqliteDataReader below = _below.Read(run, name, (long)level, from, to);
        while (below.Read()) sum.Add(Read(below));
        return sum;
    }

    /// <summary>The rollup of a row that begins with FirstStep.</summary>
    public static Rollup Read(SqliteDataReader row) => new()
    {
        FirstStep = row.GetInt64(0),
        LastStep = row.GetInt64(1),
        Points = row.GetInt64(2),
        NotNumbers = row.GetInt64(3),
        Minimum = Number(row, 4),
        Maximum = Number(row, 5),
        Last = Number(row, 6),
    };

    private static double Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? double.NaN : row.GetDouble(column);

    private static object Number(double value) => double.IsNaN(value) ? DBNull.Value : value;

    private static void Write(SqliteStatement statement, long run, long name, int level, long bucket, in Rollup rollup) =>
        statement.Execute(run, name, (long)level, bucket, rollup.FirstStep, rollup.LastStep, rollup.Points, rollup.NotNumbers, Number(rollup.Minimum), Number(rollup.Maximum), Number(rollup.Last));
}
