using System.Data.Common;
using LipSol.Benchmarks.MetricStore;
using LipSol.Contracts.Runs;
using LipSol.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LipSol.Benchmarks.History;

/// <summary>The references: plain statements on the same database, which know no search, no rollups, no leases and no repeated batches.</summary>
internal sealed class BareDatabase : IAsyncDisposable
{
    private readonly DbConnection connection;
    private readonly BareInserts? inserts;
    private long appended;

    private BareDatabase(DbConnection connection, BareInserts? inserts) => (this.connection, this.inserts) = (connection, inserts);

    public static async Task<BareDatabase> OpenAsync(StorageOptions storage)
    {
        var sqlite = storage.Provider == StorageProvider.Sqlite;
        DbConnection connection = sqlite ? new SqliteConnection($"Data Source={storage.Path}") : new NpgsqlConnection(storage.ConnectionString);
        await connection.OpenAsync();
        var bare = new BareDatabase(connection, sqlite ? new BareInserts(storage.Path + ".bare", storage.Durability) : null);
        if (sqlite) return bare;
        await bare.ReadAsync("CREATE TABLE BarePoint (Run bigint, Name integer, Step bigint, Value double precision, Time bigint, PRIMARY KEY (Run, Name, Step)); ANALYZE");
        // As autovacuum does by itself, some minutes after so many rows came at once.
        await bare.ReadAsync("VACUUM (ANALYZE) RunIndex, RunIndexRecord, RunMetric, RunParam, RunTag");
        return bare;
    }

    /// <summary>How writes without LipSol are made here.</summary>
    public string Writes => inserts is null ? "bare COPY into one table" : "bare INSERTs into one table";

    /// <summary>100 records by primary key, as text.</summary>
    public Task<long> ReadRecordsAsync() => ReadAsync("SELECT RunKey, Record FROM RunIndexRecord ORDER BY RunKey LIMIT 100");

    /// <summary>Every point of the long run's metric.</summary>
    public Task<long> ReadLongMetricAsync() => ReadAsync($"""
        SELECT p.Step, p.Value FROM MetricPoint p WHERE p.RunKey = (SELECT RunKey FROM MetricRun WHERE RunId = '{SeededRuns.LongRun}')
        AND p.NameKey = (SELECT NameKey FROM MetricName WHERE Name = '{SeededRuns.LongMetric}') ORDER BY p.Step
        """);

    /// <summary>Appends batches, each in a transaction of its own; returns the number of points.</summary>
    public async Task<long> AppendAsync(int size, int batches)
    {
        if (inserts is not null) return inserts.Append(size, batches);
        for (var b = 0; b < batches; b++)
        {
            await using var copy = await ((NpgsqlConnection)connection).BeginBinaryImportAsync("COPY BarePoint FROM STDIN (FORMAT BINARY)");
            foreach (MetricPoint point in MetricPoints.Make(++appended, size)) await copy.WriteRowAsync(CancellationToken.None, 1L, point.Name[^1] - '0', point.Step, point.Value, point.Time.UtcTicks);
            await copy.CompleteAsync();
        }
        return (long)size * batches;
    }

    public async ValueTask DisposeAsync()
    {
        inserts?.Dispose();
        await connection.DisposeAsync();
    }

    private async Task<long> ReadAsync(string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync();
        long rows = 0;
        for (; await reader.ReadAsync(); rows++)
            for (var column = 0; column < reader.FieldCount; column++) _ = reader.GetValue(column);
        return rows;
    }
}
