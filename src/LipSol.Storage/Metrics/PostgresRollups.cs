using System.Globalization;

namespace LipSol.Storage.Metrics;

/// <summary>Keeps a group's points in brief: statements of the batch that writes the points, behind those of the points.</summary>
internal static class PostgresRollups
{
    private const string Columns = "RunKey, NameKey, Level, Bucket, FirstStep, LastStep, Points, NotNumbers, Minimum, Maximum, Last";

    // The points added come behind all that are there.
    private const string Added = $"""
        INSERT INTO MetricRollup AS r ({Columns})
        SELECT run, name, level, bucket, first, lastStep, points, nans, nullif(minimum, 'NaN'), nullif(maximum, 'NaN'), last
        FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::double precision[], $10::double precision[], $11::double precision[])
            AS a (run, name, level, bucket, first, lastStep, points, nans, minimum, maximum, last)
        ON CONFLICT (RunKey, NameKey, Level, Bucket) DO UPDATE SET LastStep = excluded.LastStep, Last = excluded.Last, Points = r.Points + excluded.Points,
            NotNumbers = r.NotNumbers + excluded.NotNumbers, Minimum = least(r.Minimum, excluded.Minimum), Maximum = greatest(r.Maximum, excluded.Maximum)
        """;

    private const string OfPoints = """
        SELECT t.run, t.name, 0, t.bucket, min(p.Step), max(p.Step), count(*), count(*) FILTER (WHERE p.Value = 'NaN'), min(nullif(p.Value, 'NaN')), max(nullif(p.Value, 'NaN')),
            (array_agg(p.Value ORDER BY p.Step DESC))[1]
        FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS t (run, name, bucket)
        JOIN MetricPoint p ON p.RunKey = t.run AND p.NameKey = t.name AND p.Step >= t.bucket << 6 AND p.Step <= (t.bucket << 6) + 63
        GROUP BY t.run, t.name, t.bucket
        """;

    private const string OfBelow = """
        SELECT t.run, t.name, {0}, t.bucket, min(b.FirstStep), max(b.LastStep), sum(b.Points), sum(b.NotNumbers), min(b.Minimum), max(b.Maximum), (array_agg(b.Last ORDER BY b.Bucket DESC))[1]
        FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS t (run, name, bucket)
        JOIN MetricRollup b ON b.RunKey = t.run AND b.NameKey = t.name AND b.Level = {0} - 1 AND b.Bucket >= t.bucket << 6 AND b.Bucket <= (t.bucket << 6) + 63
        GROUP BY t.run, t.name, t.bucket
        """;

    private const string Set = """
         ON CONFLICT (RunKey, NameKey, Level, Bucket) DO UPDATE SET FirstStep = excluded.FirstStep, LastStep = excluded.LastStep, Points = excluded.Points,
            NotNumbers = excluded.NotNumbers, Minimum = excluded.Minimum, Maximum = excluded.Maximum, Last = excluded.Last
        """;

    /// <summary>Adds the statements, each with its values.</summary>
    public static void Write(IReadOnlyDictionary<(long RunKey, int NameKey), GatheredRollups> metrics, Action<string, object[]> add)
    {
        Row[] added = [.. from metric in metrics
                          where !metric.Value.Anew
                          from level in Enumerable.Range(0, RollupLevels.Coarsest + 1)
                          from bucket in metric.Value[level]
                          select new Row(metric.Key.RunKey, metric.Key.NameKey, level, bucket.Bucket, bucket.Rollup)];
        if (added.Length > 0)
        {
            add(Added, [Of(r => r.Run), Of(r => r.Name), Of(r => r.Level), Of(r => r.Bucket), Of(r => r.Rollup.FirstStep), Of(r => r.Rollup.LastStep), Of(r => r.Rollup.Points),
                Of(r => r.Rollup.NotNumbers), Of(r => r.Rollup.Minimum), Of(r => r.Rollup.Maximum), Of(r => r.Rollup.Last)]);
        }
        for (int level = 0; level <= RollupLevels.Coarsest; level++)
        {
            (long Run, int Name, long Bucket)[] anew = [.. from metric in metrics
                                                           where metric.Value.Anew
                                                           from bucket in metric.Value[level].Select(b => b.Bucket).Distinct()
                                                           select (metric.Key.RunKey, metric.Key.NameKey, bucket)];
            if (anew.Length == 0) return;
            string rows = level == 0 ? OfPoints : string.Format(CultureInfo.InvariantCulture, OfBelow, level);
            add($"INSERT INTO MetricRollup ({Columns}) {rows}{Set}", [anew.Select(t => t.Run).ToArray(), anew.Select(t => t.Name).ToArray(), anew.Select(t => t.Bucket).ToArray()]);
        }

        T[] Of<T>(Func<Row, T> column) => Array.ConvertAll(added, r => column(r));
    }

    private readonly record struct Row(long Run, int Name, int Level, long Bucket, Rollup Rollup);
}
