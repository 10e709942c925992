using LipSol.Storage;
using Microsoft.Data.Sqlite;

namespace LipSol.Benchmarks.MetricStore;

/// <summary>The reference: a prepared INSERT into one table, a transaction a batch. It knows no runs, leases or repeated batches.</summary>
internal sealed class BareInserts : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand insert;
    private long appended;

    public BareInserts(string path, Durability durability)
    {
        connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        Execute($"PRAGMA journal_mode=WAL; PRAGMA synchronous={(durability == Durability.PowerCut ? "FULL" : "NORMAL")};"
            + "CREATE TABLE Point (Run INTEGER, Name INTEGER, Step INTEGER, Value REAL, Time INTEGER, PRIMARY KEY (Run, Name, Step)) WITHOUT ROWID;");
        insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO Point VALUES (1, $name, $step, $value, $time)";
        foreach (var parameter in new[] { "$name", "$step", "$value", "$time" }) insert.Parameters.Add(new SqliteParameter { ParameterName = parameter });
    }

    /// <summary>Appends batches and returns the number of points.</summary>
    public long Append(int size, int batches)
    {
        for (var b = 0; b < batches; b++)
        {
            Execute("BEGIN");
            foreach (var point in MetricPoints.Make(++appended, size))
            {
                insert.Parameters[0].Value = point.Name[^1] - '0';
                insert.Parameters[1].Value = point.Step;
                insert.Parameters[2].Value = point.Value;
                insert.Parameters[3].Value = point.Time.UtcTicks;
                insert.ExecuteNonQuery();
            }
            Execute("COMMIT");
        }
        return (long)size * batches;
    }

    public void Dispose()
    {
        insert.Dispose();
        connection.Dispose();
    }

    private void Execute(string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
